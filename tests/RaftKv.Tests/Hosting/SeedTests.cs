using System.Net;
using RaftKv.Hosting;

namespace RaftKv.Tests.Hosting;

/// <summary>What <c>--seeds</c> and <c>--bootstrap-expect</c> take, and what they refuse with a sentence.</summary>
public sealed class SeedTests
{
    [Theory]
    [InlineData("n1.example.com:2380", "n1.example.com", 2380, null)]
    [InlineData("http://10.0.0.1:2390", "10.0.0.1", 2390, null)]
    [InlineData("https://n1:2390", "n1", 2390, null)]
    [InlineData("[::1]:2380", "::1", 2380, null)]
    [InlineData("dns:peers.example.com", "peers.example.com", 2380, null)]
    [InlineData("dns:peers.example.com:2390", "peers.example.com", 2390, null)]
    [InlineData("dns:peers.example.com:2390@127.0.0.1:5353", "peers.example.com", 2390, "127.0.0.1:5353")]
    [InlineData("dns:peers.example.com@10.0.0.53", "peers.example.com", 2380, "10.0.0.53:53")]
    [InlineData("dns:_raftkv-peer._tcp.example.com", "_raftkv-peer._tcp.example.com", 0, null)]
    public void A_seed_is_an_address_or_a_name(string text, string host, int port, string? server)
    {
        Seed? seed = Seed.Parse(text, "--seeds", out string problem);

        Assert.Equal("", problem);
        Assert.Equal(new Seed(text, host, port, server is null ? null : IPEndPoint.Parse(server)), seed);
        Assert.Equal(port == 0, seed!.IsService);
    }

    [Theory]
    [InlineData("n1")]
    [InlineData("n1:")]
    [InlineData("n1:70000")]
    [InlineData("0.0.0.0:2380")]
    [InlineData("dns:")]
    [InlineData("dns:n1:x")]
    [InlineData("dns:n1:0")]
    [InlineData("dns:_peer._tcp.x:2380")]
    [InlineData("dns:a b")]
    [InlineData("dns:n1@nobody")]
    [InlineData("ftp://n1:2380")]
    public void What_is_no_seed_is_refused_with_an_example(string text)
    {
        Assert.Null(Seed.Parse(text, "--seeds", out string problem));

        Assert.Contains($"\"{text}\" is nowhere to look for peers", problem);
    }

    [Theory]
    [InlineData("out of range", "bootstrap-expect=33", "seeds=n1:2380", "peer=http://127.0.0.1:2380")]
    [InlineData("say where the others are", "bootstrap-expect=3", "peer=http://127.0.0.1:2380")]
    [InlineData("--peer as well", "bootstrap-expect=3", "seeds=n1:2380")]
    [InlineData("it goes with --bootstrap-expect", "seeds=n1:2380")]
    [InlineData("by a number or by a list", "bootstrap-expect=1", "cluster=n1=http://127.0.0.1:2380")]
    [InlineData("either founds a cluster or joins one", "bootstrap-expect=1", "join=http://127.0.0.1:2379", "peer=http://127.0.0.1:2380")]
    public void Settings_that_do_not_fit_are_refused(string sentence, params string[] flags)
    {
        var reader = new NodeOptionsReader();
        reader.AddFlags([.. flags.Select(static flag => KeyValuePair.Create(flag.Split('=', 2)[0], flag.Split('=', 2)[1]))]);

        Assert.Null(reader.Build(out IReadOnlyList<string> problems));
        Assert.Contains(problems, problem => problem.Contains(sentence));
    }
}
