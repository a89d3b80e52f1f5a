namespace RaftKv.Core.Tests.Architecture.Pages;

/// <summary>Who runs the lines of the pages: each line of each block of shell has one entry here at least.</summary>
/// <param name="Page">The page, or a folder of pages with a slash at its end.</param>
/// <param name="Start">What the line begins with; empty for every line of the page.</param>
/// <param name="Test">Class and name of the test; null when there is none.</param>
/// <param name="Why">Why no test runs it; null when one does.</param>
internal sealed record PageCensus(string Page, string Start, string? Test, string? Why)
{
    private const string Builds = "It builds what the tests are in.";
    private const string Aspire = "Aspire's orchestrator is no part of the build; its tests run where they are asked for.";
    private const string Release = "It needs a release, which deploy/release-check.sh installs and runs; RAFTKV_RELEASE=1 does both.";

    /// <summary>Entries whose test reads the page, and runs its lines or holds every word of them against what they start.</summary>
    public static IReadOnlyList<PageCensus> ReadByATest { get; } =
    [
        By("README.md", "curl ", "PageTests.The_lines_of_the_readme_print_what_it_says"),
        By("README.md", "raftkvctl ", "PageTests.The_lines_of_the_readme_print_what_it_says"),
        By("CONTRIBUTING.md", "dotnet run ", "SimulatorPageTests.The_lines_of_a_page_run_with_two_seeds_of_two_seconds"),
        By("docs/simulator.md", "dotnet run ", "SimulatorPageTests.The_lines_of_a_page_run_with_two_seeds_of_two_seconds"),
        By(
            "docs/simulator.md", "dotnet test ",
            "SimulatorPageTests.The_numbers_of_seeds_that_the_page_says_are_those_of_the_gate_and_of_the_soak"),
        By(
            "docs/simulator.md", "RAFTKV_SOAK=1 ",
            "SimulatorPageTests.The_numbers_of_seeds_that_the_page_says_are_those_of_the_gate_and_of_the_soak"),
        By(
            "docs/fault-model.md", "dotnet run ",
            "SuitePageTests.Every_line_names_options_workloads_nemeses_and_plans_that_there_are"),
        By(
            "docs/fault-model.md", "tests/Jepsen-style/broken/find-out.sh",
            "SuitePageTests.What_the_sabotages_are_called_is_what_there_is"),
        By("docs/mutants.md", "dotnet run ", "BenchPageTests.The_hunt_for_mutants_knows_every_option_of_every_line"),
        By("tools/mutants/notes.md", "dotnet run ", "BenchPageTests.The_hunt_for_mutants_knows_every_option_of_every_line"),
        By("bench/README.md", "dotnet run ", "BenchPageTests.The_generator_knows_every_option_of_every_line"),
        By(
            "bench/README.md", "PEERS=raftkv TARGET=leader bench/compare.sh",
            "BenchPageTests.A_short_comparison_prints_the_columns_that_the_page_explains"),
        .. from start in (string[])
            ["bench/", "ROUNDS=", "PEERS=\"", "PROTOCOL=", "COUNTS_ONLY=", "ANY_LOAD=", "RAFTKV=", "DOTNET_STARTUP_HOOKS="]
           select By("bench/README.md", start, "BenchPageTests.Every_script_reads_the_settings_that_its_lines_give_it"),
        By("docs/soak/", "dotnet run ", "BenchPageTests.The_generator_knows_every_option_of_every_line"),
        By("docs/access-control.md", "etcdctl ", "PageTests.The_lines_of_access_control_put_rights_in_force"),
        By("docs/access-control.md", "raftkv serve ", "ServeLineTests.Every_line_that_serves_has_settings_that_a_node_takes"),
        By(
            "docs/operations.md", "raftkv serve ",
            "WipedDiskTests.A_lost_disk_is_replaced_by_one_command_and_the_cluster_survives_the_next_loss"),
        By("docs/raftkvctl.md", "raftkvctl ", "PageTests.The_first_lines_of_raftkvctl_run"),
        By("src/RaftKv.Cli/README.md", "raftkvctl ", "PageTests.The_first_lines_of_raftkvctl_run"),
        By("docs/dotnet/yarp.md", "raftkvctl ", "YarpTests.What_the_page_puts_is_a_route_and_a_cluster"),
        By("docs/models.md", "", "PagesTests.The_lines_of_a_page_run_and_have_the_statuses_that_it_says"),
        By("docs/consistency.md", "", "PagesTests.The_lines_of_a_page_run_and_have_the_statuses_that_it_says"),
        By("docs/coordination.md", "", "PagesTests.The_lines_of_a_page_run_and_have_the_statuses_that_it_says"),
        By("docs/watches.md", "", "PagesTests.The_lines_of_a_page_run_and_have_the_statuses_that_it_says"),
        By("docs/scenarios/", "", "PagesTests.The_lines_of_a_page_run_and_have_the_statuses_that_it_says"),
        By("docs/operations/backup.md", "raftkv serve … ", "ServeLineTests.Every_line_that_serves_has_settings_that_a_node_takes"),
        By("docs/operations/backup.md", "", "BackupPageTests.The_lines_of_the_page_take_verify_restore_and_recover"),
        By("docs/operations/formation.md", "", "FormationPageTests.Every_line_of_the_page_works"),
        By("docs/operations/import-etcd.md", "", "ImportPageTests.The_lines_of_the_page_copy_and_cut_over"),
        By("docs/operations/kubernetes.md", "", "KubernetesPageTests.The_lines_run_and_what_they_give_is_right"),
        By("docs/operations/members.md", "", "MembersPageTests.Every_line_of_the_page_works"),
        By("docs/operations/tls.md", "", "TlsPageTests.Every_line_of_the_page_works"),
        By(
            "docs/operations/upgrade.md", "",
            "UpgradePageTests.The_check_passes_on_a_healthy_cluster_and_names_who_does_not_answer"),
        By(
            "samples/README.md", "dotnet run --project samples/",
            "SamplesPageTests.Each_sample_of_the_page_runs_on_a_cluster_until_it_is_told_to_stop"),
    ];

    /// <summary>Entries whose test runs the same command, with words of its own.</summary>
    public static IReadOnlyList<PageCensus> SameInATest { get; } =
    [
        By(
            "README.md", "dotnet run --project src/RaftKv -- dev",
            "ServerProcessTests.Dev_reports_a_killed_node_and_its_serve_line_and_stops_all_on_a_signal"),
        By("README.md", "dotnet run --project src/RaftKv -- demo all", "DemoTests.All_demos_go_as_they_must"),
        By(
            "samples/README.md", "dotnet run --project src/RaftKv -- dev",
            "ServerProcessTests.Dev_reports_a_killed_node_and_its_serve_line_and_stops_all_on_a_signal"),
        By(
            "samples/Shop/README.md", "dotnet run --project samples/Shop/Run",
            "ShopTests.The_shop_loses_no_order_and_sells_none_twice_while_a_node_and_a_service_are_killed"),
        By(
            "clients/README.md", "dotnet run --project tools/RaftKv.ClientGenerator",
            "GeneratorTests.Clients_of_the_repository_are_made_from_the_served_document"),
        By(
            "docs/operations/backup.md", "raftkv backup list \"s3://",
            "ObjectStoreBackupTests.A_node_without_its_store_goes_on_and_with_it_all_comes_back_after_its_directory_is_lost"),
        By(
            "docs/operations/backup.md", "raftkv backup save --to \"s3://",
            "ObjectStoreBackupTests.A_running_cluster_is_saved_into_a_store_by_whom_a_token_names_and_restored_from_there"),
        By("docs/etcd-compatibility.md", "", "SnapshotTests.Etcd_restores_a_snapshot_and_serves_the_same"),
    ];

    /// <summary>Entries that no test runs, with the reason.</summary>
    public static IReadOnlyList<PageCensus> NotRun { get; } =
    [
        Not("README.md", "dotnet test RaftKv.sln", "It is what runs the tests."),
        Not("bench/README.md", "dotnet build -c Release", Builds),
        Not("docs/soak/README.md", "dotnet build -c Release", Builds),
        Not("docs/dotnet/aspire.md", "RAFTKV_ASPIRE=1 dotnet test ", Aspire),
        Not(
            "docs/dotnet/client.md", "dotnet publish samples/Aot ",
            "It takes minutes and the native compiler's packages; AotTests does it with RAFTKV_AOT=1."),
        Not("docs/dotnet/client.md", "RAFTKV_AOT=1 dotnet test ", "It takes minutes and the native compiler's packages."),
        Not(
            "docs/dotnet/conformance.md", "RAFTKV_KILL_LEADERS=/tmp/killed dotnet test ",
            "It runs a whole project of tests, which the gate has run without the variable."),
        Not("docs/dotnet/conformance.md", "RAFTKV_ASPIRE=1 RAFTKV_KILL_LEADERS=/tmp/killed dotnet test ", Aspire),
        Not("docs/operations/install.md", "", Release),
        Not("samples/Shop/README.md", "dotnet build src/RaftKv && dotnet run --project samples/Shop/AppHost", Aspire),
        Not("src/RaftKv/README.md", "dotnet tool install --global raftkv", Release),
        Not("src/RaftKv/README.md", "raftkv dev", Release),
        Not("src/RaftKv.Cli/README.md", "dotnet tool install --global raftkvctl", Release),
    ];

    /// <summary>Whether it speaks of the line.</summary>
    public bool Covers(DocumentedLine line) =>
        (line.Page == Page || (Page.EndsWith('/') && line.Page.StartsWith(Page, StringComparison.Ordinal)))
        && line.Text.StartsWith(Start, StringComparison.Ordinal);

    private static PageCensus By(string page, string start, string test) => new(page, start, test, Why: null);

    private static PageCensus Not(string page, string start, string why) => new(page, start, Test: null, why);
}
