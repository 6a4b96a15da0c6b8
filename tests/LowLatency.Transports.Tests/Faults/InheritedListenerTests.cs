using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Faults;

/// <summary>A listening socket that somebody else holds as well, as a service manager does.</summary>
public sealed class InheritedListenerTests
{
    [Fact]
    public async Task Behind_a_stop_no_loop_is_told_any_more_of_who_waits_there()
    {
        using var holders = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        holders.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        holders.Listen();
        string inode = new FileInfo($"/proc/self/fd/{holders.Handle}").LinkTarget!["socket:[".Length..^1];
        await using TestServer server = await TestServer.StartAsync(new Inheriting(holders), Handlers.EchoAsync);
        await Eventually.IsTrue(() => Watching(inode) == 1, () => "The loop does not watch it.");

        await server.StopAsync();

        Assert.Equal(0, Watching(inode));
    }

    /// <summary>How many epolls of this process tell of a socket. As <c>/proc</c> has it: "tfd: 5 events: 2019 data: 1 pos:0 ino:1a2b sdev:8".</summary>
    private static int Watching(string inode)
    {
        string end = " ino:" + long.Parse(inode, CultureInfo.InvariantCulture).ToString("x", CultureInfo.InvariantCulture) + " ";
        int count = 0;
        foreach (string file in Directory.GetFiles("/proc/self/fdinfo"))
        {
            try
            {
                count += File.ReadLines(file).Count(line => line.StartsWith("tfd:", StringComparison.Ordinal) && line.Contains(end, StringComparison.Ordinal));
            }
            catch (IOException)
            {
                // Closed meanwhile, by another test.
            }
        }

        return count;
    }

    [DllImport("libc", EntryPoint = "dup")]
    private static extern int Duplicate(int descriptor);

    private sealed class Inheriting(Socket holders) : TestTransport
    {
        internal override void Use(IWebHostBuilder builder) => builder.UseBusyPoll();

        internal override EndPoint NewEndPoint()
            => new BusyPollEndPoint(holders.LocalEndPoint!) { Inherited = new Socket(new SafeSocketHandle(Duplicate((int)holders.Handle), ownsHandle: true)) };
    }
}
