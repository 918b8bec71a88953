using LogPipeline.Core.DataFolders;
using LogPipeline.Tests.EndToEnd;
using Xunit;

namespace LogPipeline.Tests.DataFolders;

public sealed class FolderLockTests
{
    [Fact]
    public async Task Who_asks_for_the_owner_turns_no_host_away()
    {
        using var folder = new TestFolder();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var asking = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    _ = DataFolder.FindOwner(folder.Path);
                }
            },
            TestContext.Current.CancellationToken);
        for (var start = 0; start < 200; start++)
        {
            Assert.IsType<FolderAcquisition.Acquired>(DataFolder.Acquire(folder.Path, new FolderOwner(Environment.ProcessId, null, null))).Folder.Dispose();
        }

        await stop.CancelAsync();
        await asking;
    }
}
