namespace LogPipeline.Web.Components.State;

/// <summary>Keys that the shell hears and the page acts on: <c>/ space j k e E Enter Escape End</c>.</summary>
internal sealed class PageCommands
{
    /// <summary>A key was pressed outside of a text field.</summary>
    public event Func<string, Task>? Pressed;

    /// <summary>Hands a key to the page.</summary>
    public async Task PressAsync(string key)
    {
        foreach (var handler in Pressed?.GetInvocationList() ?? [])
        {
            await ((Func<string, Task>)handler)(key);
        }
    }
}
