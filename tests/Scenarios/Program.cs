using RaftKv.Scenarios.Patterns;

// A coordinator as a process of its own, for the tests that kill it with SIGKILL.
return args is ["saga", var endpoint, var prefix, var stopBefore]
    ? await SagaCoordinator.RunAsync(endpoint, prefix, int.Parse(stopBefore, System.Globalization.CultureInfo.InvariantCulture))
    : 2;
