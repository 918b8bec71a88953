namespace LogPipeline.Spark.Broker;

/// <summary>The files of a Connect server, all below one folder.</summary>
/// <remarks>
/// Layout: <c>spark.lock</c> (locked by the process that started the server), <c>spark.json</c> (how to reach it),
/// <c>spark/server.log</c> and <c>server.log.1</c>, <c>spark/java.args</c>, <c>spark/log4j2.properties</c>, <c>spark/fairscheduler.xml</c>, <c>spark/warehouse/</c>,
/// <c>spark/tmp/</c> (emptied before each start). The server's temporary files are not in the data folder's <c>tmp/</c>, because a
/// new owner of the data folder empties that, and may find a server that runs.
/// </remarks>
/// <param name="State">The folder.</param>
internal sealed record SparkServerFolder(string State)
{
    public string Lock => Path.Combine(State, "spark.lock");

    public string Record => Path.Combine(State, "spark.json");

    public string Home => Path.Combine(State, "spark");

    public string Log => Path.Combine(Home, "server.log");

    public string Arguments => Path.Combine(Home, "java.args");

    public string LogSettings => Path.Combine(Home, "log4j2.properties");

    public string Scheduler => Path.Combine(Home, "fairscheduler.xml");

    public string Warehouse => Path.Combine(Home, "warehouse");

    public string Temporary => Path.Combine(Home, "tmp");

    /// <summary>Makes the folders, and empties the temporary one. Only for the holder of the lock.</summary>
    public void Prepare()
    {
        MakePrivate(Home);
        MakePrivate(Warehouse);
        if (Directory.Exists(Temporary))
        {
            Directory.Delete(Temporary, recursive: true);
        }

        MakePrivate(Temporary);
    }

    /// <summary>Writes a file that only its owner reads: it may hold secrets.</summary>
    public static void WritePrivate(string path, string content)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, options);
        writer.Write(content);
    }

    private static void MakePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
