using LogPipeline.Core.Health;

namespace LogPipeline.Web.Components.Health;

/// <summary>The bar of where events are: parts in percent of what was received, and the part beyond the table enlarged when it is a sliver.</summary>
/// <param name="Parts">Stored, duplicate, dead-lettered and in flight, in percent; they add up to 100 at most.</param>
/// <param name="Sliver">Duplicate, dead-lettered and in flight in percent of their sum; empty when they need no enlarging.</param>
/// <param name="Rest">Events that are not in the table.</param>
internal sealed record ConservationShares(IReadOnlyList<double> Parts, IReadOnlyList<double> Sliver, long Rest)
{
    /// <summary>Below this share of the bar its last parts cannot be told apart.</summary>
    private const double SliverPercent = 5;

    public static ConservationShares Of(Conservation value)
    {
        long[] parts = [value.Stored, value.Duplicate, value.DeadLettered, value.InFlight];
        var rest = parts.Skip(1).Sum();

        // What does not add up must not push the bar beyond its end.
        var whole = (double)Math.Max(value.Received, parts.Sum());
        if (whole <= 0)
        {
            return new ConservationShares([0, 0, 0, 0], [], 0);
        }

        return new ConservationShares(
            [.. parts.Select(part => 100 * part / whole)],
            rest > 0 && 100 * rest / whole < SliverPercent ? [.. parts.Skip(1).Select(part => 100.0 * part / rest)] : [],
            rest);
    }
}
