using RaftKv.Client;
using static RaftKv.Client.Compare;

namespace RaftKv.Scenarios.Patterns;

/// <summary>
/// The example: take a lamp from the shelf, charge the customer, book a courier. Each step that can't be done says why.
/// </summary>
internal static class OrderSaga
{
    public const long Price = 80;

    /// <summary>Two lamps, a customer with 100, and so many couriers.</summary>
    public static async Task PrepareAsync(RaftKvClient client, string prefix, int courierCount)
    {
        await client.PutAsync(prefix + "shelf", "2");
        await client.PutAsync(prefix + "customer", "100");
        await client.PutAsync(prefix + "couriers", Numbers.Text(courierCount));
    }

    /// <summary>The steps, in order.</summary>
    public static IReadOnlyList<SagaStep> Steps(string prefix) =>
    [
        Step("take the lamp", prefix + "shelf", amount: 1, "no lamp left"),
        Step("charge the customer", prefix + "customer", Price, "not enough money"),
        Step("book the courier", prefix + "couriers", amount: 1, "no courier"),
    ];

    /// <summary>What is left of each.</summary>
    public static async Task<(long Shelf, long Customer, long Couriers)> LeftAsync(RaftKvClient client, string prefix) => (
        await client.AmountAsync(prefix + "shelf"),
        await client.AmountAsync(prefix + "customer"),
        await client.AmountAsync(prefix + "couriers"));

    private static SagaStep Step(string name, string key, long amount, string refusal) => new(
        name,
        Do: async client =>
        {
            KeyValueEntry? left = await client.GetAsync(key);
            return left is null || left.Amount() < amount
                ? StepPlan.Refuse(refusal)
                : new StepPlan([Key(key).ModRevision == left.ModRevision], [Op.Increment(key, -amount)]);
        },
        Undo: _ => Task.FromResult(new StepPlan([], [Op.Increment(key, amount)])));
}
