using Xunit;

namespace LogPipeline.Tests.House;

/// <summary>A document of the checkout that is made of the code: a test keeps it true.</summary>
internal static class GeneratedDocument
{
    /// <summary>Fails when the file differs from what it should be; with LOGPIPELINE_UPDATE=1 writes it instead.</summary>
    public static void AssertCurrent(string relativePath, string expected)
    {
        var path = Repository.PathOf(relativePath.Split('/'));
        if (Environment.GetEnvironmentVariable("LOGPIPELINE_UPDATE") == "1")
        {
            File.WriteAllText(path, expected);
            return;
        }

        Assert.True(File.Exists(path), $"{relativePath} is missing: LOGPIPELINE_UPDATE=1 ./test.sh writes it");
        Assert.True(expected == File.ReadAllText(path), $"{relativePath} is not current: LOGPIPELINE_UPDATE=1 ./test.sh writes it anew");
    }
}
