using System.Text;

namespace LogPipeline.Core.Live;

/// <summary>The four classes that levels are charted in.</summary>
internal enum LevelClass : byte
{
    Debug,
    Info,
    Warn,
    Error,
}

/// <summary>Levels by name.</summary>
internal static class Levels
{
    /// <summary>Class of a level by its name without regard to case; INFO for none and for unknown ones.</summary>
    public static LevelClass ClassOf(ReadOnlySpan<byte> level)
    {
        if (level.IsEmpty || Ascii.EqualsIgnoreCase(level, "INFO"u8))
        {
            return LevelClass.Info;
        }

        if (Ascii.EqualsIgnoreCase(level, "WARN"u8) || Ascii.EqualsIgnoreCase(level, "WARNING"u8))
        {
            return LevelClass.Warn;
        }

        if (Ascii.EqualsIgnoreCase(level, "ERROR"u8) || Ascii.EqualsIgnoreCase(level, "FATAL"u8))
        {
            return LevelClass.Error;
        }

        return Ascii.EqualsIgnoreCase(level, "DEBUG"u8) || Ascii.EqualsIgnoreCase(level, "TRACE"u8) ? LevelClass.Debug : LevelClass.Info;
    }
}
