using LogPipeline.Core.EventLog;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>Whatever would keep an engine from going on with a stream's tables, found without changing them.</summary>
internal static class TableChecks
{
    /// <summary>Looks at the tables, and at what they and the event log say of each other.</summary>
    /// <param name="log">The event log.</param>
    /// <param name="tables">The tables.</param>
    /// <param name="options">Which log is adopted.</param>
    /// <param name="engines">Reads the positions of every engine.</param>
    /// <returns>One problem each.</returns>
    public static IReadOnlyList<string> Run(IEventLog log, LakeTables tables, LakeOptions options, ITablePositions engines)
    {
        var problems = new List<string>();
        Look(() =>
        {
            foreach (var name in StreamTables.NamesOf(log.Stream))
            {
                if (tables.Leases.FindHolder(name) is { } holder)
                {
                    problems.Add($"Table '{name}' is written by {holder}; stop that process first");
                }
            }
        });
        Look(() => Fit(log.Stream.Table, new StreamTable(log.Stream.Schema).Schema));
        Look(() => Fit(DeadLetterTable.Name, DeadLetterTable.Schema));
        if (problems.Count == 0)
        {
            Look(() =>
            {
                if (tables.Find(log.Stream.Table) is { } table)
                {
                    _ = StreamTables.PositionsIn(log, table, options);
                    StreamTables.Check(log, table.Name, engines.Read(log, table.Snapshot(), tables.Find(DeadLetterTable.Name)?.Snapshot()).Last);
                }
            });
        }

        return problems;

        void Fit(string name, StructType wanted)
        {
            if (tables.Find(name) is { } table)
            {
                TableFit.Check(table, wanted);
            }
        }

        void Look(Action check)
        {
            try
            {
                check();
            }
            catch (Exception error) when (error is LakeException or IOException or UnauthorizedAccessException)
            {
                problems.Add(error.Message);
            }
        }
    }
}
