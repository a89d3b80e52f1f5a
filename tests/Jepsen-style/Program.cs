using RaftKv.JepsenStyle.Runs;

return await JepsenCli.RunAsync(args);
