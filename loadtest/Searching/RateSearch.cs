namespace LowLatency.LoadTest.Searching;

/// <summary>Looks for the highest rate at which an objective holds. Knows nothing of servers: it says what to try, and is told what came of it.</summary>
/// <remarks>
/// <para>Up by doubling (or down by halving, when not even the first rate holds) until one rate holds and a higher one does not;
/// then by bisection until they are close; then the one that held is confirmed over a longer window.</para>
/// <para>Measurements are noisy. A single miss is tried again, as a stall of the machine makes any rate miss; a single hold may
/// be luck, which is what the confirmation is for. A rate that is not confirmed counts as missed, and the search goes on below it.</para>
/// </remarks>
internal sealed class RateSearch
{
    private readonly SearchBounds _bounds;
    private readonly List<SearchStep> _steps = [];
    private double? _highestHeld;
    private double? _lowestMissed;
    private double _rate;
    private SearchPhase _phase = SearchPhase.Double;
    private bool _isSecondTry;

    public RateSearch(SearchBounds bounds)
    {
        _bounds = bounds;
        _rate = bounds.From;
    }

    /// <summary>What has been tried, in order.</summary>
    public IReadOnlyList<SearchStep> Steps => _steps;

    /// <summary>What to try next; <c>null</c> at the end.</summary>
    public SearchTrial? Next => Ending is null ? new SearchTrial(_rate, _phase) : null;

    /// <summary>How it ended; <c>null</c> before.</summary>
    public SearchEnding? Ending { get; private set; }

    /// <summary>The highest rate that was confirmed; <c>null</c> when none was.</summary>
    public double? Found => Ending is SearchEnding.Confirmed or SearchEnding.HeldAtTheMost ? _highestHeld : null;

    /// <summary>The lowest rate that did not hold; <c>null</c> when every one did.</summary>
    public double? LowestMissed => _lowestMissed;

    /// <summary>Takes what came of <see cref="Next"/>.</summary>
    public void Report(bool held)
    {
        if (Next is not SearchTrial trial)
        {
            throw new InvalidOperationException("The search has ended.");
        }

        _steps.Add(new SearchStep(trial.Rate, trial.Phase, held));
        if (_phase == SearchPhase.Confirm)
        {
            Confirmed(held);
        }
        else if (held || _isSecondTry)
        {
            Settled(held);
        }
        else
        {
            _isSecondTry = true;
        }

        if (Ending is null && _steps.Count >= _bounds.MostTrials)
        {
            Ending = SearchEnding.TooManyTrials;
        }
    }

    private void Settled(bool held)
    {
        _isSecondTry = false;
        if (held)
        {
            _highestHeld = Math.Max(_highestHeld ?? 0, _rate);
        }
        else
        {
            Missed(_rate);
        }

        Narrow();
    }

    private void Confirmed(bool held)
    {
        if (held)
        {
            Ending = _lowestMissed is null ? SearchEnding.HeldAtTheMost : SearchEnding.Confirmed;
            return;
        }

        // Whatever held at this rate and above was luck.
        Missed(_rate);
        Narrow();
    }

    private void Missed(double rate)
    {
        _lowestMissed = Math.Min(_lowestMissed ?? double.PositiveInfinity, rate);
        double[] below = [.. _steps.Where(step => step.Held && step.Rate < _lowestMissed).Select(step => step.Rate)];
        _highestHeld = below.Length > 0 ? below.Max() : null;
    }

    private void Narrow()
    {
        switch (_highestHeld, _lowestMissed)
        {
            case (double held, null):
                _phase = held < _bounds.Most ? SearchPhase.Double : SearchPhase.Confirm;
                _rate = Math.Min(held * 2, _bounds.Most);
                break;

            case (null, double missed):
                _phase = SearchPhase.Halve;
                _rate = Math.Max(missed / 2, _bounds.Least);
                Ending = missed <= _bounds.Least ? SearchEnding.NothingHolds : null;
                break;

            case (double held, double missed):
                bool isClose = missed / held <= 1 + _bounds.Precision;
                _phase = isClose ? SearchPhase.Confirm : SearchPhase.Bisect;
                _rate = isClose ? held : (held + missed) / 2;
                break;
        }
    }
}
