global using RaftKv.Core;
