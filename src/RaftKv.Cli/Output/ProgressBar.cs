using Spectre.Console;

namespace RaftKv.Cli.Output;

/// <summary>A bar for work that may take longer than a second, on the error stream of a terminal and nowhere else.</summary>
internal static class ProgressBar
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A bar that tells no step, for work under way that is most often done at once: nothing is shown before a second is over.
    /// </summary>
    public static async Task<T> ShowIfSlowAsync<T>(CliConsole console, string what, Task<T> running) =>
        await Task.WhenAny(running, Task.Delay(_patience, TimeProvider.System)).ConfigureAwait(false) == running
            ? await running.ConfigureAwait(false)
            : await RunAsync(console, what, total: null, _ => running).ConfigureAwait(false);

    /// <summary>Runs the work and shows how far it is.</summary>
    /// <param name="total">Steps of the whole; null when nobody knows.</param>
    /// <param name="work">Calls its argument with the steps done so far.</param>
    public static async Task<T> RunAsync<T>(CliConsole console, string what, double? total, Func<Action<double>, Task<T>> work)
    {
        if (!console.IsErrorTerminal)
        {
            return await work(static _ => { }).ConfigureAwait(false);
        }

        return await console.Progress().Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask bar = context.AddTask(Markup.Escape(what), maxValue: total ?? 1);
                bar.IsIndeterminate = total is null;
                T result = await work(done => bar.Value = done).ConfigureAwait(false);
                bar.Value = bar.MaxValue;
                return result;
            }).ConfigureAwait(false);
    }
}
