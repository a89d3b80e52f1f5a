namespace RaftKv.Doors.JsonGateway.Document;

/// <summary>What the document says of one path of the gateway beyond its messages.</summary>
/// <param name="Path">Below /v3/.</param>
/// <param name="Body">JSON that can be sent as it is.</param>
/// <param name="Status">How that ends on a store of which nothing is known but what <paramref name="Note"/> says.</param>
/// <param name="Note">What has to be so before, or what else to know.</param>
internal sealed record GatewayExample(string Path, string Summary, string Body, int Status = 200, string Note = "");
