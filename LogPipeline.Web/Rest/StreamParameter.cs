using LogPipeline.Core.Configuration;
using LogPipeline.Core.Live;
using LogPipeline.Core.Streams;

namespace LogPipeline.Web.Rest;

/// <summary>The parameter that names a stream.</summary>
internal static class StreamParameter
{
    /// <summary>Its description.</summary>
    public static ApiParameter Parameter { get; } = new("stream", ParameterKind.Text, "Stream; the first one of the configuration when absent.") { Example = "web-logs" };

    /// <summary>The stream that a request names.</summary>
    /// <exception cref="ProblemException">There is none of that name.</exception>
    public static StreamDefinition Read(HttpContext context, QueryReader reader)
    {
        var streams = context.RequestServices.GetRequiredService<StreamRegistry>();
        return reader.Text("stream") is { } name ? Find(streams, name) : streams.Default;
    }

    /// <summary>A stream by its name.</summary>
    /// <exception cref="ProblemException">There is none of that name.</exception>
    public static StreamDefinition Find(StreamRegistry streams, string name)
    {
        if (streams.Find(name) is { } stream)
        {
            return stream;
        }

        var names = streams.All.Select(one => one.Name).ToList();
        var meant = Spelling.Closest(name, names);
        throw new ProblemException(404, "There is no such stream", meant is null
            ? $"No stream is named '{name}'; there is {string.Join(", ", names)}."
            : $"No stream is named '{name}'; did you mean {meant}?");
    }

    /// <summary>The live view of a stream.</summary>
    public static ILiveView LiveOf(HttpContext context, StreamDefinition stream) =>
        context.RequestServices.GetRequiredService<ILiveViews>().Find(stream.Name)
        ?? throw new ProblemException(503, "The live view is not there", $"Stream {stream.Name} has no live view.");
}
