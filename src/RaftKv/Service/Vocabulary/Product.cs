namespace RaftKv.Service.Vocabulary;

/// <summary>What is served.</summary>
internal static class Product
{
    /// <summary>Its version, without build metadata.</summary>
    public static string Version { get; } = typeof(Product).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
