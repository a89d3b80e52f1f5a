using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace RaftKv.Deploy.Tests.Helm;

/// <summary>A part of a template.</summary>
internal abstract record TemplatePart
{
    private protected TemplatePart()
    {
    }

    public abstract void Render(TemplateScope scope, StringBuilder output);
}

/// <summary>Parts, one after the other.</summary>
internal sealed record Block : TemplatePart
{
    public List<TemplatePart> Parts { get; } = [];

    public override void Render(TemplateScope scope, StringBuilder output) => Parts.ForEach(part => part.Render(scope, output));
}

internal sealed record TextPart(string Text) : TemplatePart
{
    public override void Render(TemplateScope scope, StringBuilder output) => output.Append(Text);
}

internal sealed record ShowPart(TemplateExpression Value) : TemplatePart
{
    public override void Render(TemplateScope scope, StringBuilder output) => output.Append(GoTemplate.Show(Value.Evaluate(scope)));
}

internal sealed record AssignPart(string Name, bool IsNew, TemplateExpression Value) : TemplatePart
{
    public override void Render(TemplateScope scope, StringBuilder output) => scope.Assign(Name, Value.Evaluate(scope), IsNew);
}

internal sealed record IfPart(TemplateExpression Condition, Block Then, Block Otherwise) : TemplatePart
{
    public override void Render(TemplateScope scope, StringBuilder output) =>
        (TemplateScope.IsTrue(Condition.Evaluate(scope)) ? Then : Otherwise).Render(scope.Inner(scope.Dot), output);
}

internal sealed record WithPart(TemplateExpression Value, Block Body) : TemplatePart
{
    public override void Render(TemplateScope scope, StringBuilder output)
    {
        JsonNode? value = Value.Evaluate(scope);
        if (TemplateScope.IsTrue(value))
        {
            Body.Render(scope.Inner(value), output);
        }
    }
}

internal sealed record RangePart(string Key, string Item, TemplateExpression Over, Block Body) : TemplatePart
{
    public override void Render(TemplateScope scope, StringBuilder output)
    {
        IEnumerable<(string Key, JsonNode? Value)> items = Over.Evaluate(scope) switch
        {
            JsonObject map => map.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => (pair.Key, pair.Value)),
            JsonArray list => list.Select(static (one, i) => (i.ToString(CultureInfo.InvariantCulture), one)),
            null => [],
            JsonNode other => throw new FormatException($"range goes over {other.ToJsonString()}."),
        };
        foreach ((string key, JsonNode? value) in items)
        {
            TemplateScope inner = scope.Inner(value);
            inner.Assign(Key, JsonValue.Create(key), isNew: true);
            inner.Assign(Item, value, isNew: true);
            Body.Render(inner, output);
        }
    }
}

/// <summary>The dot and the variables of a place in a template.</summary>
internal sealed class TemplateScope(JsonNode? dot, TemplateFunctions functions, TemplateScope? outer = null)
{
    private readonly Dictionary<string, JsonNode?> _variables = new(StringComparer.Ordinal);

    public JsonNode? Dot { get; } = dot;

    public TemplateFunctions Functions { get; } = functions;

    public TemplateScope Inner(JsonNode? dot) => new(dot, Functions, this);

    public JsonNode? Root => outer is null ? Dot : outer.Root;

    public JsonNode? Variable(string name) =>
        _variables.TryGetValue(name, out JsonNode? value) ? value
        : outer is not null ? outer.Variable(name)
        : throw new FormatException($"There is no variable ${name}.");

    public void Assign(string name, JsonNode? value, bool isNew)
    {
        if (isNew || _variables.ContainsKey(name))
        {
            _variables[name] = value;
        }
        else
        {
            (outer ?? throw new FormatException($"There is no variable ${name}.")).Assign(name, value, isNew);
        }
    }

    public static bool IsTrue(JsonNode? value) => value switch
    {
        null => false,
        JsonObject map => map.Count > 0,
        JsonArray list => list.Count > 0,
        JsonValue one when one.TryGetValue(out bool flag) => flag,
        JsonValue one when one.TryGetValue(out string? text) => text.Length > 0,
        JsonValue one => one.ToString() != "0",
        _ => false,
    };
}
