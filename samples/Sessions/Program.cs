// Two services, each with its own client. The first writes, and calls the second, which reads with a causal level at any node: it
// always sees the write, and no line of either service carries a token. Without the three lines marked (1) to (3) it sometimes would not.
using RaftKv.Client;
using RaftKv.Client.AspNetCore;
using RaftKv.Samples;

await using WebApplication posts = Build("http://127.0.0.1:0");
posts.MapGet("/posts/{id}", async (string id, RaftKvClient kv) =>
    await kv.GetStringAsync($"samples/posts/{id}", ReadLevel.Causal) ?? "(missing)");
await posts.StartAsync();
var postsUrl = new Uri(posts.Urls.First());

await using WebApplication front = Build("http://127.0.0.1:0");
front.MapPost("/publish/{id}", async (string id, string text, RaftKvClient kv, IHttpClientFactory http) =>
{
    await kv.PutAsync($"samples/posts/{id}", text);
    return await http.CreateClient("services").GetStringAsync(new Uri(postsUrl, $"/posts/{id}"));
});
await front.StartAsync();

using HttpClient user = new() { BaseAddress = new Uri(front.Urls.First()) };
int wrong = 0;
for (int i = 0; i < 200 && !Cluster.Stop.IsCancellationRequested; i++)
{
    using HttpResponseMessage answer = await user.PostAsync(new Uri($"/publish/1?text=version-{i}", UriKind.Relative), content: null);
    wrong += await answer.Content.ReadAsStringAsync() == $"version-{i}" ? 0 : 1;
}

Console.WriteLine($"200 posts published, {wrong} not seen by the other service");
return wrong == 0 ? 0 : 1;

static WebApplication Build(string url)
{
    WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
    builder.Logging.ClearProviders();
    builder.WebHost.UseUrls(url);
    builder.Services.AddRaftKvClient(static o => o.Endpoints = Cluster.Endpoints);
    builder.Services.AddTransient<RaftKvTokenHandler>();                                        // (1)
    builder.Services.AddHttpClient("services").AddHttpMessageHandler<RaftKvTokenHandler>();     // (2)
    WebApplication app = builder.Build();
    app.UseRaftKvCausality();                                                                   // (3)
    return app;
}
