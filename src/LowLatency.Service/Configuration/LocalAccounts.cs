using System.Globalization;

namespace LowLatency.Service.Configuration;

/// <summary>The users or the groups of this machine by name.</summary>
/// <remarks>Those of a directory service stand in no file, and are named by their numbers.</remarks>
internal sealed record LocalAccounts(string File)
{
    internal static readonly LocalAccounts Users = new("/etc/passwd");
    internal static readonly LocalAccounts Groups = new("/etc/group");

    /// <summary>The number of an account, which may be written as the number itself; <c>null</c> when there is none.</summary>
    internal uint? Find(string account)
    {
        // The greatest number means "nobody at all" to the kernel.
        if (uint.TryParse(account, NumberStyles.None, CultureInfo.InvariantCulture, out uint number))
        {
            return number == uint.MaxValue ? null : number;
        }

        // NAME:PASSWORD:NUMBER:...
        return Lines().Select(line => line.Split(':'))
            .Where(fields => fields.Length > 2 && fields[0] == account)
            .Select(fields => uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out uint id) ? id : (uint?)null)
            .FirstOrDefault();
    }

    private IEnumerable<string> Lines() => System.IO.File.Exists(File) ? System.IO.File.ReadLines(File) : [];
}
