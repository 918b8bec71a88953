using Microsoft.AspNetCore.Components;

namespace LogPipeline.Web.Components.Parts;

/// <summary>A component that looks at its data at a steady rate once it is on a screen, and stops when it leaves.</summary>
/// <remarks>Every look runs in the circuit's own context, so it never meets a render or an event handler half-way.</remarks>
public abstract class TickingComponent : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource gone = new();
    private bool disposed;

    /// <summary>The clock.</summary>
    [Inject]
    protected TimeProvider Time { get; set; } = null!;

    /// <summary>Signals that the component has left.</summary>
    protected CancellationToken Gone => gone.Token;

    /// <summary>Time between two looks.</summary>
    protected abstract TimeSpan Period { get; }

    /// <summary>Looks at the data, and renders when something is to be seen.</summary>
    protected abstract Task TickAsync();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops looking; a subclass lets go of what it holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !disposed)
        {
            disposed = true;
            gone.Cancel();
            gone.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            _ = RunAsync(gone.Token);
        }
    }

    private async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Period, Time);
        try
        {
            do
            {
                await TickAsync();
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // The component left.
        }
        catch (Microsoft.JSInterop.JSDisconnectedException)
        {
            // The page left first.
        }
        catch (ObjectDisposedException) when (stop.IsCancellationRequested || disposed)
        {
            // The component left.
        }
        catch (ObjectDisposedException failure) when (failure.ObjectName == nameof(IServiceProvider))
        {
            // The host is ending.
        }
        catch (Exception failure)
        {
            await DispatchExceptionAsync(failure);
        }
    }
}
