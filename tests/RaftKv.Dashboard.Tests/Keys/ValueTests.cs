using RaftKv.Dashboard.Api;
using RaftKv.Dashboard.Keys;

namespace RaftKv.Dashboard.Tests.Keys;

/// <summary>Values and differences, as they are shown.</summary>
public sealed class ValueTests
{
    [Fact]
    public void A_difference_keeps_what_is_common_and_names_what_is_not()
    {
        string shown = string.Join('\n', LineDiff.Of("a\nb\nc\nd", "a\nc\nx\nd").Select(line => line.Kind + line.Text));

        Assert.Equal(" a\n-b\n c\n+x\n d", shown);
    }

    [Theory]
    [InlineData("", "", "")]
    [InlineData("", "a", "+")]
    [InlineData("a", "", "-")]
    [InlineData("same\n", "same\r\n", "  ")]
    public void Ends_of_a_difference(string before, string after, string kinds) =>
        Assert.Equal(kinds, string.Concat(LineDiff.Of(before, after).Select(line => line.Kind)));

    [Fact]
    public void Texts_too_long_to_compare_are_shown_as_replaced()
    {
        string before = string.Join('\n', Enumerable.Range(0, LineDiff.MaxLines + 1).Select(i => $"a{i}"));

        Assert.Equal(2 * (LineDiff.MaxLines + 1), LineDiff.Of(before, before.Replace('a', 'b')).Count);
    }

    [Theory]
    [InlineData("{\"a\":1}", "utf-8", ValueFormat.Json)]
    [InlineData("{ no json", "utf-8", ValueFormat.Text)]
    [InlineData("17", "utf-8", ValueFormat.Text)]
    [InlineData("AP8=", "base64", ValueFormat.Hex)]
    public void The_format_is_guessed(string value, string encoding, ValueFormat format) =>
        Assert.Equal(format, ValueText.BestFor(new KeyVersion { Value = value, Encoding = encoding }));

    [Fact]
    public void A_dump_has_offsets_bytes_and_characters_and_is_bounded()
    {
        string dump = ValueText.Of(new KeyVersion { Value = "Hello, hex dump!x", Encoding = "utf-8" }, ValueFormat.Hex);

        Assert.StartsWith(
            "000000  48 65 6c 6c 6f 2c 20 68  65 78 20 64 75 6d 70 21  Hello, hex dump!\n000010  78 ",
            dump, StringComparison.Ordinal);
        Assert.Contains(
            "4 bytes more",
            ValueText.Of(new KeyVersion { Value = new string('x', ValueText.MaxHexBytes + 4), Encoding = "utf-8" }, ValueFormat.Hex),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Json_is_shown_without_needless_escapes() =>
        Assert.Equal("{\n  \"a\": \"é<\"\n}", ValueText.Indented("""{"a":"é<"}""")!.ReplaceLineEndings("\n"));
}
