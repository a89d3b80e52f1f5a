namespace Shop.Run;

/// <summary>Four who buy at the same time, and repeat an order until it is answered.</summary>
internal sealed class Customers(HttpClient orders)
{
    private const int CustomerCount = 4;

    private int _count;

    /// <summary>How many orders are answered.</summary>
    internal int Count => _count;

    /// <summary>Buys so many, and goes on until something has happened.</summary>
    internal Task BuyAsync(string round, int count, Task happened) => Task.WhenAll(Enumerable.Range(0, CustomerCount).Select(async customer =>
    {
        for (int i = customer; i < count || !happened.IsCompleted; i += CustomerCount)
        {
            string article = i % 2 == 0 ? "lamp" : "chair";
            await Wait.UntilAsync(() => TryAsync(article, $"{round}-{i}"), $"order {round}-{i} is answered");
            Interlocked.Increment(ref _count);
        }
    }));

    private async Task<bool> TryAsync(string article, string id)
    {
        try
        {
            using HttpResponseMessage answer = await orders.PostAsync(new Uri($"/orders/{article}?id={id}", UriKind.Relative), content: null);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
