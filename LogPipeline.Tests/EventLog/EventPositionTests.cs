using LogPipeline.Core.EventLog;
using Xunit;

namespace LogPipeline.Tests.EventLog;

public sealed class EventPositionTests
{
    [Fact]
    public void A_position_reads_what_it_writes()
    {
        Assert.True(EventPosition.TryParse(new EventPosition(3, 1_204_331).ToString(), out var position));
        Assert.Equal(new EventPosition(3, 1_204_331), position);
    }

    [Theory]
    [InlineData("")]
    [InlineData("3")]
    [InlineData(":3")]
    [InlineData("1:-3")]
    [InlineData("1:2:3")]
    [InlineData(" 1:2")]
    public void What_is_no_position_is_refused(string text) => Assert.False(EventPosition.TryParse(text, out _));
}
