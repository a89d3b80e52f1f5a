namespace RaftKv.Tests.GeneratedClients;

/// <summary>
/// A fact that needs Node.js and what <c>npm ci</c> in clients/typescript brings; skipped, with the reason, without them.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TypeScriptFactAttribute : FactAttribute
{
    /// <param name="package">What is used of what npm brought.</param>
    public TypeScriptFactAttribute(string package)
    {
        if (!Command.IsThere("node"))
        {
            Skip = "node is missing here.";
        }
        else if (!Directory.Exists(Path.Combine(Command.Root, "clients", "typescript", "node_modules", package)))
        {
            Skip = $"npm ci in clients/typescript has not brought {package}.";
        }
    }
}
