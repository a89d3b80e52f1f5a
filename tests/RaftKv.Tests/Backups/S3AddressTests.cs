using RaftKv.Backups.Targets;

namespace RaftKv.Tests.Backups;

/// <summary>What is an address in an object store, what is none, and that a secret in one is never said again.</summary>
public sealed class S3AddressTests
{
    [Theory]
    [InlineData("s3://bucket", "bucket", "")]
    [InlineData("s3://bucket/", "bucket", "")]
    [InlineData("s3://my.bucket-1/a/b/", "my.bucket-1", "a/b")]
    [InlineData("s3://bucket/a%20b?region=eu-central-1", "bucket", "a b")]
    [InlineData("s3://bucket/p?endpoint=https://minio.example:9000&region=r1", "bucket", "p")]
    [InlineData("s3://bucket?endpoint=http%3A%2F%2F127.0.0.1%3A9000%2F", "bucket", "")]
    public void An_address_is_read_and_written_and_read_again_as_the_same(string text, string bucket, string prefix)
    {
        S3Address address = S3Address.Parse(text, out string problem)!;

        Assert.Equal("", problem);
        Assert.Equal((bucket, prefix), (address.Bucket, address.Prefix));
        Assert.Equal(address, S3Address.Parse(address.ToString(), out _));
        S3Address file = S3Address.Parse(address.Locate("n.snap"), out _)!;
        Assert.Equal((address, "n.snap"), file.Split());
        Assert.Null(BackupTargets.ProblemOf(text));
        Assert.Equal(address.ToString(), BackupTargets.ShownOf(text));
    }

    [Theory]
    [InlineData("s3:bucket/p", "looks like s3://BUCKET/PREFIX")]
    [InlineData("S3://bucket/p", "looks like s3://BUCKET/PREFIX")]
    [InlineData("s3://", "looks like s3://BUCKET/PREFIX")]
    [InlineData("s3://ab/p", "looks like s3://BUCKET/PREFIX")]
    [InlineData("s3://Bucket/p", "looks like s3://BUCKET/PREFIX")]
    [InlineData("s3://hushhush:hushhush@bucket/p", "holds no credentials")]
    [InlineData("s3://bucket/p@hushhush", "holds no credentials")]
    [InlineData("s3://bucket/a%0Ab", "control character")]
    [InlineData("s3://bucket/p?secret_access_key=hushhush", "takes endpoint= and region= only")]
    [InlineData("s3://bucket/p?endpoint=https://u:hushhush@minio.example", "without credentials")]
    [InlineData("s3://bucket/p?endpoint=https://minio.example/?key=hushhush", "without credentials")]
    [InlineData("s3://bucket/p?endpoint=minio.example", "the URL of a service")]
    [InlineData("s3://bucket/p?endpoint=file:///etc", "the URL of a service")]
    [InlineData("s3://bucket/p?region=hush%20hush", "a name such as")]
    public void Anything_else_is_refused_with_a_sentence_that_does_not_repeat_it(string text, string said)
    {
        Assert.Null(S3Address.Parse(text, out string problem));
        Assert.Contains(said, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", problem, StringComparison.Ordinal);
        Assert.Equal(problem, BackupTargets.ProblemOf(text));
    }
}
