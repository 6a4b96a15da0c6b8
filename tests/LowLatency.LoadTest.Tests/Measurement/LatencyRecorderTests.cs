using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Tests.Measurement;

public class LatencyRecorderTests
{
    [Fact]
    public void Minimum_mean_and_maximum_are_exact()
    {
        LatencyRecorder recorder = Recorded(1_234_567, 7, 3_000_003);
        Assert.Equal((7, 3_000_003), (recorder.Minimum, recorder.Maximum));
        Assert.Equal((1_234_567 + 7 + 3_000_003) / 3.0, recorder.Mean);
    }

    [Fact]
    public void One_millisecond_itself_is_not_under_it()
        => Assert.Equal(2, Recorded(999_999, 1_000_000, 1_000_001, 5).UnderOneMillisecond);

    [Fact]
    public void Percentiles_are_right_to_three_digits()
    {
        LatencyRecorder recorder = Recorded([.. Enumerable.Range(1, 100_000).Select(i => i * 1_000L)]);
        foreach (Percentile percentile in new[] { Percentile.P50, Percentile.P90, Percentile.P99, Percentile.P999, Percentile.P9999 })
        {
            double exact = (double)percentile.BasisPoints * 10 * 1_000;
            Assert.InRange((double)recorder.At(percentile)!, exact, exact * 1.001);
        }
    }

    [Fact]
    public void No_percentile_exceeds_the_maximum()
        => Assert.Equal(1_000_001, Recorded([.. Enumerable.Repeat(1_000_001L, 1_000)]).At(Percentile.P99));

    [Fact]
    public void What_the_histogram_cannot_hold_is_clamped_and_counted()
    {
        long tooLong = TimeSpan.FromHours(2).Ticks * 100;
        LatencyRecorder recorder = Recorded(tooLong, 5);
        Assert.Equal((1, tooLong), (recorder.OutOfRange, recorder.Maximum));
    }

    [Fact]
    public void Threads_add_up()
    {
        LatencyRecorder all = Recorded(10, 2_000_000);
        all.Add(Recorded(5, 400));
        Assert.Equal((4, 5, 2_000_000, 3), (all.Count, all.Minimum, all.Maximum, all.UnderOneMillisecond));
    }

    [Theory]
    [InlineData(5_000, 19, false)]
    [InlineData(5_000, 20, true)]
    [InlineData(9_900, 999, false)]
    [InlineData(9_900, 1_000, true)]
    [InlineData(9_990, 10_000, true)]
    [InlineData(9_999, 99_999, false)]
    [InlineData(9_999, 100_000, true)]
    public void A_sample_carries_a_percentile_with_ten_values_beyond_it(int basisPoints, int sampleSize, bool carried)
        => Assert.Equal(carried, new Percentile(basisPoints).IsCarriedBy(sampleSize));

    [Fact]
    public void A_histogram_survives_its_serialised_form()
    {
        LatencyRecorder recorder = Recorded([.. Enumerable.Range(1, 10_000).Select(i => i * 1_000L)]);

        var again = LatencyRecorder.FromBase64(recorder.ToBase64());

        Assert.Equal(recorder.Buckets, again.Buckets);
        Assert.Equal(recorder.Count, again.Count);
        Assert.Equal(recorder.At(Percentile.P99), again.At(Percentile.P99));
        Assert.InRange(again.Mean, recorder.Mean * 0.999, recorder.Mean * 1.001);
    }

    [Theory]
    [InlineData("no histogram")]
    [InlineData("AAAA")]
    [InlineData("")]
    public void What_is_no_histogram_is_refused(string text)
        => Assert.Throws<FormatException>(() => LatencyRecorder.FromBase64(text));

    private static LatencyRecorder Recorded(params long[] nanoseconds)
    {
        var recorder = new LatencyRecorder();
        Array.ForEach(nanoseconds, recorder.Record);
        return recorder;
    }
}
