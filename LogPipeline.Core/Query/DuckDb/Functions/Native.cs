using System.Runtime.InteropServices;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>The part of DuckDB's C interface that scalar functions over vectors need.</summary>
/// <remarks>Source: <c>duckdb.h</c> of DuckDB 1.5. The calls are short and never call back.</remarks>
internal static unsafe partial class Native
{
    private const string Library = "duckdb";
    private const DllImportSearchPath Paths = DllImportSearchPath.SafeDirectories;

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_data_chunk_get_size"), SuppressGCTransition]
    public static partial ulong ChunkSize(nint chunk);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_data_chunk_get_vector"), SuppressGCTransition]
    public static partial nint ChunkVector(nint chunk, ulong column);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_vector_get_data"), SuppressGCTransition]
    public static partial void* VectorData(nint vector);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_vector_get_validity"), SuppressGCTransition]
    public static partial ulong* VectorValidity(nint vector);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_vector_ensure_validity_writable")]
    public static partial void EnsureValidityWritable(nint vector);

    /// <summary>Copies bytes that are known to be UTF-8.</summary>
    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_unsafe_vector_assign_string_element_len")]
    public static partial void AssignText(nint vector, ulong row, byte* text, ulong length);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_list_vector_get_child"), SuppressGCTransition]
    public static partial nint ListChild(nint vector);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_list_vector_reserve")]
    public static partial int ListReserve(nint vector, ulong capacity);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_list_vector_set_size")]
    public static partial int ListSetSize(nint vector, ulong size);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_create_scalar_function")]
    public static partial nint CreateScalarFunction();

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_destroy_scalar_function")]
    public static partial void DestroyScalarFunction(ref nint function);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_scalar_function_set_name", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void SetName(nint function, string name);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_scalar_function_add_parameter")]
    public static partial void AddParameter(nint function, nint type);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_scalar_function_set_return_type")]
    public static partial void SetReturnType(nint function, nint type);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_scalar_function_set_volatile")]
    public static partial void SetVolatile(nint function);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_scalar_function_set_extra_info")]
    public static partial void SetExtraInfo(nint function, nint info, delegate* unmanaged[Cdecl]<nint, void> destroy);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_scalar_function_set_function")]
    public static partial void SetFunction(nint function, delegate* unmanaged[Cdecl]<nint, nint, nint, void> body);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_scalar_function_get_extra_info"), SuppressGCTransition]
    public static partial nint GetExtraInfo(nint info);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_scalar_function_set_error", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void SetError(nint info, string message);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_register_scalar_function")]
    public static partial int Register(nint connection, nint function);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_create_logical_type")]
    public static partial nint CreateType(int type);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_create_list_type")]
    public static partial nint CreateListType(nint element);

    [DefaultDllImportSearchPaths(Paths)]
    [LibraryImport(Library, EntryPoint = "duckdb_destroy_logical_type")]
    public static partial void DestroyType(ref nint type);
}
