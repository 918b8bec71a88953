using System.Globalization;
using System.Text.RegularExpressions;

namespace LogPipeline.Spark.Broker;

/// <summary>Where Spark computes, as <see cref="SparkOptions.Master"/> says it.</summary>
/// <param name="Text">The text.</param>
internal abstract partial record SparkMaster(string Text)
{
    /// <summary>Port of a Connect server that names none.</summary>
    public const int DefaultPort = 15002;

    /// <summary>On this machine, within the Connect server.</summary>
    /// <param name="Text">Such as <c>local[2]</c>.</param>
    public sealed record Local(string Text) : SparkMaster(Text);

    /// <summary>On a cluster whose driver is the Connect server that the host starts.</summary>
    /// <param name="Text">Such as <c>spark://host:7077</c>.</param>
    public sealed record Cluster(string Text) : SparkMaster(Text);

    /// <summary>A Connect server that others run.</summary>
    /// <param name="Text">Such as <c>sc://host:15002/;token=…</c>.</param>
    /// <param name="Host">Its host.</param>
    /// <param name="Port">Its port.</param>
    public sealed record Remote(string Text, string Host, int Port) : SparkMaster(Text)
    {
        /// <summary>The address without parameters: they may hold a token.</summary>
        public string Address => string.Create(CultureInfo.InvariantCulture, $"sc://{Host}:{Port}");
    }

    /// <summary>Reads the text; null when it is no master.</summary>
    public static SparkMaster? Parse(string text)
    {
        text = text.Trim();
        if (text == "local" || LocalText().IsMatch(text))
        {
            return new Local(text);
        }

        if (text is "yarn" || text.StartsWith("k8s://", StringComparison.Ordinal) || ClusterText().IsMatch(text))
        {
            return new Cluster(text);
        }

        return text.StartsWith("sc://", StringComparison.Ordinal)
            && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Host.Length > 0 && url.UserInfo.Length == 0
            ? new Remote(text, url.Host, url.Port > 0 ? url.Port : DefaultPort)
            : null;
    }

    // local[4], local[*], local[4,2]: threads, and tries of a task.
    [GeneratedRegex(@"^local\[(\*|[1-9][0-9]{0,3})(,\s*[1-9][0-9]{0,3})?\]$")]
    private static partial Regex LocalText();

    [GeneratedRegex(@"^spark://[^\s/,]+:[0-9]{1,5}(,[^\s/,]+:[0-9]{1,5})*$")]
    private static partial Regex ClusterText();
}
