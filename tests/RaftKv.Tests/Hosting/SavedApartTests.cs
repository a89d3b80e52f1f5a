using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace RaftKv.Tests.Hosting;

/// <summary>
/// A node's state that comes as a large one over a network does: the head of the answer, then piece after piece. Who saves it reads
/// it to its end.
/// </summary>
public sealed class SavedApartTests
{
    private const int PieceBytes = 100_000;

    [Fact]
    public async Task A_state_whose_bytes_come_apart_is_saved()
    {
        await using var nodes = new NodeProcesses();
        nodes.Start(0);
        await nodes.ReadyAsync(0);
        await nodes.PutAsync(0, "large", new string('x', 5 * PieceBytes));
        using HttpResponseMessage answer = await nodes.Http.GetAsync(nodes.Url(0, "/api/v1/snapshot"));
        byte[] state = await answer.Content.ReadAsByteArrayAsync();
        string revision = answer.Headers.GetValues("RaftKv-Revision").First();

        await using WebApplication node = await ServeAsync(async http =>
        {
            http.Response.Headers["RaftKv-Revision"] = revision;
            http.Response.ContentLength = state.Length;
            foreach (byte[] piece in state.Chunk(PieceBytes).Prepend([]))
            {
                await http.Response.Body.WriteAsync(piece);
                await http.Response.Body.FlushAsync();
                await Task.Delay(50);
            }
        });
        (int code, string said) = await nodes.RunHereAsync(
            "backup", "save", "--to", nodes.File("saved.snap"), "--endpoint", node.Urls.Single());
        Assert.True(code == 0, said);
        Assert.Equal(state, await File.ReadAllBytesAsync(nodes.File("saved.snap")));
    }

    private static async Task<WebApplication> ServeAsync(RequestDelegate answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return app;
    }
}
