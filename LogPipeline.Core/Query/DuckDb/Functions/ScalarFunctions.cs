using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DuckDB.NET.Data;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>Every C# function that generated SQL may call, and how an instance learns of them.</summary>
internal static unsafe class ScalarFunctions
{
    public static IReadOnlyList<ScalarFunction> All { get; } =
    [
        .. CastFunctions.All, .. DecimalFunctions.All, .. TextFunctions.All, .. TextMeasureFunctions.All, .. RegexFunctions.All,
        .. UrlFunctions.All, .. JsonFunctions.All, .. TimeFunctions.All,
    ];

    /// <summary>Makes the functions known to every connection of the instance.</summary>
    public static void Register(DuckDBConnection connection)
    {
        var handle = connection.NativeConnection.DangerousGetHandle();
        foreach (var function in All)
        {
            Register(handle, function);
        }

        GC.KeepAlive(connection);
    }

    private static void Register(nint connection, ScalarFunction function)
    {
        var native = Native.CreateScalarFunction();
        try
        {
            Native.SetName(native, function.Name);
            foreach (var parameter in function.Parameters)
            {
                WithType(parameter, type => Native.AddParameter(native, type));
            }

            WithType(function.Result, type => Native.SetReturnType(native, type));
            if (function.CanFail)
            {
                Native.SetVolatile(native);
            }

            Native.SetExtraInfo(native, GCHandle.ToIntPtr(GCHandle.Alloc(function)), &Release);
            Native.SetFunction(native, &Invoke);
            if (Native.Register(connection, native) != 0)
            {
                throw new InvalidOperationException($"DuckDB refused function {function.Name}.");
            }
        }
        finally
        {
            Native.DestroyScalarFunction(ref native);
        }
    }

    private static void WithType(SqlType type, Action<nint> use)
    {
        var native = Native.CreateType((int)(type == SqlType.VarcharList ? SqlType.Varchar : type));
        if (type == SqlType.VarcharList)
        {
            var element = native;
            native = Native.CreateListType(element);
            Native.DestroyType(ref element);
        }

        use(native);
        Native.DestroyType(ref native);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Release(nint function) => GCHandle.FromIntPtr(function).Free();

    /// <summary>An exception must not cross into native code: it becomes the statement's error.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Invoke(nint info, nint chunk, nint result)
    {
        try
        {
            var function = (ScalarFunction)GCHandle.FromIntPtr(Native.GetExtraInfo(info)).Target!;
            function.Invoke(chunk, result);
        }
        catch (QueryException failure)
        {
            Native.SetError(info, SparkFailure.Print(failure));
        }
        catch (Exception failure)
        {
            Native.SetError(info, $"[EMBEDDED_ENGINE_FAILED] {failure.GetType().Name}: {failure.Message}");
        }
    }
}
