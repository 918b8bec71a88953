using System.Runtime.CompilerServices;

namespace LogPipeline.Tests.House;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>Absolute path of the folder that holds LogPipeline.sln.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory) ?? Find(Path.GetDirectoryName(ThisFile())!)
        ?? throw new InvalidOperationException("The tests run outside of a checkout");

    /// <summary>Absolute path of a file or folder of the checkout.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string ThisFile([CallerFilePath] string path = "") => path;

    private static string? Find(string? folder)
    {
        while (folder is not null && !File.Exists(Path.Combine(folder, "LogPipeline.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder;
    }
}
