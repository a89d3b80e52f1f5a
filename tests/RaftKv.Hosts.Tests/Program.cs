using RaftKv.Hosts.Tests.Akka;

// Owners as processes of their own, for the tests that make them stand still.
return args is ["akka-owner", var endpoints, var lease, var key] ? await AkkaOwner.RunAsync(endpoints, lease, key) : 2;
