using System.CommandLine;
using LogPipeline.Core.Lake;
using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary>The tables that a verb works on: those of the configuration, or those that <c>--input-path</c> names by a lake, a data folder or one table.</summary>
internal sealed class LakeInput : IDisposable
{
    private readonly string? temporary;

    private LakeInput(HostConfiguration configuration, string? table, string? temporary)
    {
        Configuration = configuration;
        Table = table;
        this.temporary = temporary;
    }

    /// <summary>The configuration with that lake, and with the data folder that it belongs to.</summary>
    public HostConfiguration Configuration { get; }

    /// <summary>The table that the path names; null when it names a lake.</summary>
    public string? Table { get; }

    /// <summary>Whether a folder is a Delta table.</summary>
    public static bool IsTable(string folder) => Directory.Exists(Path.Combine(folder, "_delta_log"));

    /// <summary>Finds the tables. A lake that belongs to no data folder gets a temporary one, which goes with this.</summary>
    /// <exception cref="CommandException">The path holds no table.</exception>
    public static LakeInput Open(CommandContext context, ParseResult parsed, Option<string?> option)
    {
        if (PathOption.Read(context, parsed, option) is not { } path)
        {
            return new LakeInput(context.Load(parsed), null, null);
        }

        if (!Directory.Exists(path))
        {
            throw PathOption.Problem(option, $"there is no folder {path}");
        }

        var (lake, table) = IsTable(path) ? (Path.GetDirectoryName(path)!, Path.GetFileName(path))
            : IsDataFolder(path) ? (Path.Combine(path, "lake"), null)
            : (path, (string?)null);
        if (table is null && (!Directory.Exists(lake) || !Directory.EnumerateDirectories(lake).Any(IsTable)))
        {
            throw PathOption.Problem(option, $"{lake} holds no Delta table; give a folder of tables, or one table");
        }

        var configured = HostConfiguration.Load(context.Common.Read(parsed, context.Process));
        var data = Path.GetDirectoryName(lake) is { } parent && Path.GetFileName(lake) == "lake" && IsDataFolder(parent) ? parent
            : lake == LakeOf(configured) && Directory.Exists(configured.Host.DataFolder) ? configured.Host.DataFolder
            : null;
        var temporary = data is null ? Directory.CreateTempSubdirectory("logpipeline-lake-").FullName : null;
        try
        {
            var configuration = context.Load(parsed, arguments => arguments with { Data = data ?? temporary, Settings = [.. arguments.Settings, $"Lake:Path={lake}"] });
            return new LakeInput(configuration, table, temporary);
        }
        catch
        {
            Delete(temporary);
            throw;
        }
    }

    /// <summary>The table to work on: the one that the path names, unless an argument names one too.</summary>
    /// <exception cref="CommandException">They are not the same.</exception>
    public string TableOf(ParseResult parsed, Argument<string> argument)
    {
        var named = parsed.GetRequiredValue(argument);
        if (Table is null || string.Equals(Table, named, StringComparison.OrdinalIgnoreCase))
        {
            return named;
        }

        return parsed.GetResult(argument) is { Implicit: false }
            ? throw new CommandException($"--input-path names table '{Table}' and the command line names '{named}'; give one of them")
            : Table;
    }

    /// <inheritdoc/>
    public void Dispose() => Delete(temporary);

    private static bool IsDataFolder(string folder) => File.Exists(Path.Combine(folder, "format"));

    private static string LakeOf(HostConfiguration configuration) =>
        configuration.Options<LakeOptions>().Path is { Length: > 0 } path ? Path.GetFullPath(path) : Path.Combine(configuration.Host.DataFolder, "lake");

    private static void Delete(string? folder)
    {
        if (folder is not null)
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
