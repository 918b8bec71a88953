namespace LogPipeline.Web.Rest;

/// <summary>One query parameter of an endpoint: read by <see cref="QueryReader"/> and described in the OpenAPI document.</summary>
/// <param name="Name">Name in the URL; a name that ends with <c>.*</c> stands for any rest.</param>
/// <param name="Kind">What its value looks like.</param>
/// <param name="Description">What it does.</param>
internal sealed record ApiParameter(string Name, ParameterKind Kind, string Description)
{
    /// <summary>Value when it is absent.</summary>
    public long? Default { get; init; }

    /// <summary>Least value.</summary>
    public long? Least { get; init; }

    /// <summary>Greatest value.</summary>
    public long? Greatest { get; init; }

    /// <summary>A value that works.</summary>
    public string? Example { get; init; }
}

/// <summary>What a parameter's value looks like.</summary>
internal enum ParameterKind
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>Whole number.</summary>
    Whole,

    /// <summary>RFC 3339 time.</summary>
    Instant,

    /// <summary>Such as 15min.</summary>
    Duration,

    /// <summary>true or false.</summary>
    Switch,
}

/// <summary>The parameters that an endpoint understands, as metadata of it.</summary>
/// <param name="All">They.</param>
internal sealed record ApiParameters(params ApiParameter[] All);
