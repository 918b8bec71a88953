namespace LogPipeline.Web.CommandLine;

/// <summary>What a verb says to the shell.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>It failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Some records were rejected.</summary>
    public const int PartlyRejected = 3;

    /// <summary>Another process owns the data folder.</summary>
    public const int FolderOwned = 4;
}
