using Bunit;
using LogPipeline.Web.Components.DeadLetters;
using Xunit;

namespace LogPipeline.Tests.Web.Components.DeadLetters;

public sealed class WithoutLakeTests : PageContext
{
    [Fact]
    public void Without_a_lake_the_page_says_off()
    {
        var page = Render<DeadLetterPage>();
        Assert.Contains("Off", page.Find(".word").TextContent, StringComparison.Ordinal);
    }
}
