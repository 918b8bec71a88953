using LogPipeline.Tests.Engines;
using Xunit;

namespace LogPipeline.Tests;

/// <summary>Tests that look at the whole process or need the machine to themselves: they run one after the other, behind all others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone : ICollectionFixture<ClassesOfSpark>
{
    /// <summary>Name of the collection.</summary>
    public const string Name = "alone";
}
