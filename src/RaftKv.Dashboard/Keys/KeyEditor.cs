using System.Globalization;
using System.Text;
using RaftKv.Dashboard.Api;

namespace RaftKv.Dashboard.Keys;

/// <summary>How a save ended.</summary>
public enum SaveResult : byte
{
    /// <summary>It is written.</summary>
    Saved = 0,

    /// <summary>Somebody was faster; nothing was written, and the editor now stands on their version.</summary>
    Conflict = 1,

    /// <summary>It was refused, or its outcome is unknown; <see cref="KeyEditor.Problem"/> says which.</summary>
    Failed = 2,
}

/// <summary>
/// An edit of one key. It is always a compare-and-set on the version that the editor began with, so nobody's change is
/// written over unseen. Belongs to one page.
/// </summary>
public sealed class KeyEditor(NodeClient client)
{
    /// <summary>The key; of a new one, as typed so far.</summary>
    public KeyName Name { get; set; }

    /// <summary>What the edit stands on; null when the key must not exist.</summary>
    public KeyVersion? Base { get; private set; }

    /// <summary>The new value.</summary>
    public string Text { get; set; } = "";

    /// <summary>Bytes that are no text, to be written as they are; null when <see cref="Text"/> counts.</summary>
    public byte[]? Bytes { get; private set; }

    /// <summary>The name is still to be given.</summary>
    public bool IsNew { get; private set; }

    /// <summary>The difference is shown; the next step writes.</summary>
    public bool IsPreview { get; set; }

    /// <summary>What to tell the user; empty for nothing.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>The text that the edit stands on.</summary>
    public string BaseText => Base is null ? "" : ValueText.Of(Base, ValueFormat.Text);

    /// <summary>The condition, as a header.</summary>
    public (string Name, string Value) Condition => Base is null
        ? ("If-None-Match", "*")
        : ("If-Match", string.Create(CultureInfo.InvariantCulture, $"\"{Base.ModRevision}\""));

    /// <summary>The write, as it would be sent.</summary>
    public ApiRequest Request => new ApiRequest("PUT", "/api/v1/kv?" + Name.Query + Lease)
    {
        Headers = [Condition],
        Body = Bytes ?? Encoding.UTF8.GetBytes(Text),
    };

    // A put without a lease would take the key off the one that it hangs on.
    private string Lease => Base?.Lease is { } lease ? "&lease=" + lease : "";

    /// <summary>An edit of what is there.</summary>
    public static KeyEditor Of(NodeClient client, KeyVersion pair) => new(client)
    {
        Name = KeyName.Of(pair),
        Base = pair,
        Text = pair.Value ?? "",
    };

    /// <summary>A new key.</summary>
    public static KeyEditor New(NodeClient client, string prefix) => new(client) { Name = new KeyName(prefix), IsNew = true };

    /// <summary>An older version as the new value.</summary>
    /// <param name="current">What is there now; null when the key is deleted.</param>
    public static KeyEditor Restore(NodeClient client, KeyName name, KeyVersion version, KeyVersion? current) => new(client)
    {
        Name = name,
        Base = current,
        Text = ValueText.IsText(version) ? version.Value ?? "" : "",
        Bytes = ValueText.IsText(version) ? null : ValueText.BytesOf(version),
        IsPreview = true,
    };

    /// <summary>Writes, if the key is still what the edit stands on.</summary>
    public async Task<SaveResult> SaveAsync(CancellationToken cancellationToken = default)
    {
        Problem = "";
        if (Name.Text.Length == 0)
        {
            Problem = "Give the key a name.";
            return SaveResult.Failed;
        }

        ApiAnswer answer = await client.SendAsync(Request, cancellationToken);
        if (answer.IsOk)
        {
            return SaveResult.Saved;
        }

        if (answer.Status != StatusCodes.Status412PreconditionFailed)
        {
            Problem = answer.Problem?.Applied == AppliedWords.Unknown || answer.Status == 0
                ? "The outcome is unknown: it may be written. Look at the key before you try again. " + answer.Complaint
                : answer.Complaint;
            return SaveResult.Failed;
        }

        Base = await client.GetAsync("/api/v1/kv?" + Name.Query, PageJson.Default.KeyVersion, cancellationToken);
        IsNew = false;
        IsPreview = true;
        Problem = Base is null
            ? "Somebody deleted the key meanwhile. Nothing was written; your text is kept."
            : $"Somebody changed the key meanwhile: revision {Base.ModRevision}. Nothing was written; below is your text against theirs.";
        return SaveResult.Conflict;
    }
}
