using LogPipeline.Core.Configuration;
using LogPipeline.Core.DataFolders;

namespace LogPipeline.Web.Hosting;

/// <summary>Another process owns the data folder.</summary>
internal sealed class FolderOwnedException : Exception
{
    public FolderOwnedException()
    {
    }

    public FolderOwnedException(string message)
        : base(message)
    {
    }

    public FolderOwnedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public FolderOwnedException(string folder, FolderOwner? owner)
        : base($"The data folder {folder} is owned by {owner?.ToString() ?? "another process"}. Stop that one first, or give another folder with --data.")
    {
        Owner = owner;
    }

    /// <summary>Who it is, when it said so.</summary>
    public FolderOwner? Owner { get; }
}

/// <summary>Somebody else listens on the port.</summary>
internal sealed class PortInUseException : Exception
{
    public PortInUseException()
    {
    }

    public PortInUseException(string message)
        : base(message)
    {
    }

    public PortInUseException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public PortInUseException(HttpOptions options, Exception innerException)
        : base($"{options.Bind} port {options.Port} is in use or cannot be bound. Choose another with --port (0 takes a free one), or stop what listens there.", innerException)
    {
    }
}
