using System.ComponentModel;

namespace RaftKv.Contract.Bodies;

[Schema("", "A certificate, or a list of revoked ones, that the node was given.")]
public sealed record CertificateBody
{
    [Description("The port that it is for")]
    [Words("client", "peer")]
    public string Port { get; set; } = "";

    [Description("What it is")]
    [Words("certificate", "authority", "revocations")]
    public string Kind { get; set; } = "";

    [Description("Whose")]
    public string Subject { get; set; } = "";

    [Description("When it ends, in UTC")]
    public string Until { get; set; } = "";

    [Description("It should be replaced by now")]
    public bool EndsSoon { get; set; }
}
