using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RaftKv.Client;

namespace RaftKv.ServiceDiscovery;

/// <summary>
/// Keeps one instance listed: from the application's start to its stop, while it is healthy, under a lease. It is back when
/// the lease was lost, for ever.
/// </summary>
internal sealed partial class ServiceRegistrar : BackgroundService
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly RaftKvClient _client;
    private readonly IServiceProvider _services;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly string _service;
    private readonly ServiceRegistrationOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    internal ServiceRegistrar(IServiceProvider services, string service, ServiceRegistrationOptions options)
    {
        _client = services.GetRequiredService<RaftKvClient>();
        _services = services;
        _lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        _service = service;
        _options = options;
        _time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        _logger = services.GetRequiredService<ILogger<ServiceRegistrar>>();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The entry goes when the stop begins, before the last requests are answered.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, _lifetime.ApplicationStopping);
        try
        {
            await WaitForStartAsync(stop.Token).ConfigureAwait(false);
            ServiceInstance instance = Describe();
            while (true)
            {
                await StandOnceAsync(instance, stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped; the lease is revoked, and the entry with it.
        }
    }

    private async Task WaitForStartAsync(CancellationToken stop)
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration told = _lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stop).ConfigureAwait(false);
    }

    private ServiceInstance Describe() => new()
    {
        Service = _service,
        Instance = _options.Instance,
        Endpoint = _options.Endpoint,
        Metadata = _options.Metadata,
        Address = _options.Address ?? _options.FindAddress?.Invoke(_services) ?? throw new InvalidOperationException(
            $"The registration of service '{_service}' has neither Address nor FindAddress."),
    };

    /// <summary>Under one lease, until it is lost or we stop.</summary>
    private async Task StandOnceAsync(ServiceInstance instance, CancellationToken stop)
    {
        try
        {
            LeaseKeeper lease = await _client.Leases.KeepAsync(_options.Ttl, stop).ConfigureAwait(false);
            await using (lease.ConfigureAwait(false))
            {
                using var until = CancellationTokenSource.CreateLinkedTokenSource(stop, lease.LostToken);
                await FollowHealthAsync(instance, lease.Id, until.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            LogLost(instance.Service, instance.Instance);
        }
        catch (RaftKvException e)
        {
            LogFailed(instance.Service, instance.Instance, e);
            TimeSpan pause = _options.Ttl < LongestPause ? _options.Ttl : LongestPause;
            await Task.Delay(pause, _time, stop).ConfigureAwait(false);
        }
    }

    private async Task FollowHealthAsync(ServiceInstance instance, string lease, CancellationToken until)
    {
        string key = instance.KeyOf(_options.KeyRoot);
        bool? isListed = null;
        while (true)
        {
            bool isHealthy = await IsHealthyAsync(until).ConfigureAwait(false);
            if (isHealthy && isListed != true)
            {
                await _client.PutAsync(key, instance.ToJson().AsMemory(), new WriteOptions { Lease = lease }, until).ConfigureAwait(false);
                LogListed(instance.Service, instance.Instance, instance.Address);
            }
            else if (!isHealthy && isListed != false)
            {
                await _client.DeleteAsync(key, cancellationToken: until).ConfigureAwait(false);
                LogUnhealthy(instance.Service, instance.Instance);
            }

            isListed = isHealthy;
            await Task.Delay(_options.HealthInterval, _time, until).ConfigureAwait(false);
        }
    }

    private async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        if (_services.GetService<HealthCheckService>() is not { } checks)
        {
            return true;
        }

        HealthReport report = await checks.CheckHealthAsync(_options.HealthChecks, cancellationToken).ConfigureAwait(false);
        return report.Status != HealthStatus.Unhealthy;
    }

    [LoggerMessage(1, LogLevel.Information, "{Service} is listed as {Instance} at {Address}.")]
    private partial void LogListed(string service, string instance, Uri address);

    [LoggerMessage(2, LogLevel.Warning, "{Service} {Instance} is unhealthy, and not listed.")]
    private partial void LogUnhealthy(string service, string instance);

    [LoggerMessage(3, LogLevel.Warning, "{Service} {Instance}: the lease is lost; the instance is listed again under a new one.")]
    private partial void LogLost(string service, string instance);

    [LoggerMessage(4, LogLevel.Warning, "{Service} {Instance} could not be listed; once more after a pause.")]
    private partial void LogFailed(string service, string instance, Exception e);
}
