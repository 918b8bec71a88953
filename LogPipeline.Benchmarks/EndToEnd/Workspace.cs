using System.Globalization;
using System.Runtime.CompilerServices;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>A temporary folder for one figure, and where things are.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly Action<string> say;

    private Workspace(string folder, Action<string> say)
    {
        Folder = folder;
        this.say = say;
    }

    /// <summary>Folder of the checkout.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>Absolute path of the temporary folder.</summary>
    public string Folder { get; }

    /// <summary>The host's assembly, built in the same configuration as this program.</summary>
    public static string HostAssembly { get; } = Path.Combine(
        RepositoryRoot, "LogPipeline.Web", "bin", Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/'))!), "net10.0", "LogPipeline.Web.dll");

    /// <summary>Makes an empty one.</summary>
    public static Workspace Create(TextWriter output) => new(Directory.CreateTempSubdirectory("logpipeline-bench-").FullName, output.WriteLine);

    /// <summary>Path of a file or folder in the workspace.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Says how far the figure is.</summary>
    public void Say(FormattableString line) => say("   " + line.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string FindRoot([CallerFilePath] string file = "")
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "LogPipeline.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", ".."));
    }
}
