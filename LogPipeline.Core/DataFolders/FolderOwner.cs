namespace LogPipeline.Core.DataFolders;

/// <summary>Who owns a data folder: what <c>host.lock</c> says, for another process of the same user.</summary>
/// <param name="ProcessId">Process.</param>
/// <param name="Url">Address of its loopback interface; null until its server is bound, and for verbs that serve nothing.</param>
/// <param name="Token">Secret that its loopback interface asks for; null when it serves nothing.</param>
public sealed record FolderOwner(int ProcessId, string? Url, string? Token)
{
    /// <summary>Without the token, for messages.</summary>
    public override string ToString() => Url is null ? $"process {ProcessId}" : $"process {ProcessId} at {Url}";
}

/// <summary>What became of asking to own a data folder.</summary>
public abstract record FolderAcquisition
{
    private FolderAcquisition()
    {
    }

    /// <summary>It is ours until disposed, or until this process ends in any way.</summary>
    /// <param name="Folder">The folder.</param>
    public sealed record Acquired(DataFolder Folder) : FolderAcquisition;

    /// <summary>Another process owns it.</summary>
    /// <param name="Owner">Who; null when it has not said so yet.</param>
    public sealed record Owned(FolderOwner? Owner) : FolderAcquisition;
}
