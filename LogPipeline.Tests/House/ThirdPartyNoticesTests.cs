using Xunit;

namespace LogPipeline.Tests.House;

public sealed class ThirdPartyNoticesTests
{
    [Fact]
    public void Every_package_that_ships_is_listed() =>
        GeneratedDocument.AssertCurrent("THIRD-PARTY-NOTICES.md", ThirdPartyNotices.Write(ThirdPartyNotices.Read()));

    [Fact]
    public void Every_package_that_ships_has_a_permissive_licence()
    {
        var others = ThirdPartyNotices.Read()
            .Where(package => !package.Licence.Split(" OR ").Any(part => ThirdPartyNotices.Permissive.Contains(part.Trim('(', ')', ' '))))
            .Select(package => $"{package.Name} {package.Version}: {package.Licence}");
        Assert.Empty(others);
    }
}
