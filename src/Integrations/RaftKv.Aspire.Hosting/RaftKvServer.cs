namespace RaftKv.Aspire.Hosting;

/// <summary>What a node is run from: a container's image, or an executable.</summary>
public sealed record RaftKvServer
{
    private RaftKvServer(bool isContainer, string source, string tag)
    {
        IsContainer = isContainer;
        Source = source;
        Tag = tag;
    }

    /// <summary>True for an image.</summary>
    public bool IsContainer { get; }

    /// <summary>The image, or the path.</summary>
    public string Source { get; }

    /// <summary>The image's tag.</summary>
    public string Tag { get; }

    /// <summary>Nodes as containers.</summary>
    public static RaftKvServer Container(string image = "raftkv", string tag = "0.1.0")
    {
        ArgumentException.ThrowIfNullOrEmpty(image);
        ArgumentException.ThrowIfNullOrEmpty(tag);
        return new(isContainer: true, image, tag);
    }

    /// <summary>Nodes as processes of this machine.</summary>
    /// <param name="path"><c>raftkv.dll</c>, run with <c>dotnet</c>, or an executable, which may be one of the search path.</param>
    public static RaftKvServer Executable(string path = "raftkv")
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(isContainer: false, path, tag: "");
    }
}
