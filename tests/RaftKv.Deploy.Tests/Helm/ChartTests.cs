using System.Text.Json.Nodes;
using k8s.Models;
using RaftKv.Tests.GeneratedClients;

namespace RaftKv.Deploy.Tests.Helm;

/// <summary>The Helm chart and the plain manifest give nodes that start and a cluster that forms.</summary>
public sealed class ChartTests
{
    [Fact]
    public async Task The_plain_manifest_is_sound_and_its_nodes_take_their_arguments()
    {
        Manifests manifests = new(File.ReadAllText(Path.Combine(Command.Root, "deploy", "kubernetes", "raftkv.yaml")));

        manifests.AssertSound();
        await AssertTakenAsync(manifests);
    }

    [Fact]
    public async Task The_chart_as_it_comes_is_sound_and_its_nodes_take_their_arguments()
    {
        Manifests manifests = new(Chart.Render(Chart.Values()));

        manifests.AssertSound();
        Assert.Equal(4, manifests.Count);
        Assert.Equal("raftkv:0.1.0", manifests.Container.Image);
        Assert.Equal("HTTP", manifests.Container.ReadinessProbe.HttpGet.Scheme);
        Assert.Contains("--insecure", manifests.Arguments);
        await AssertTakenAsync(manifests);
    }

    [Fact]
    public async Task With_tls_nodes_and_probes_speak_it_with_the_certificate_of_each()
    {
        JsonObject values = Chart.ValuesWith(
            ("tls.enabled", true), ("tls.secret", "raftkv-tls"), ("tls.clientAuth", "request"), ("replicas", 5));
        Manifests manifests = new(Chart.Render(values));

        manifests.AssertSound();
        Assert.Equal(5, manifests.Nodes.Spec.Replicas);
        Assert.Equal("HTTPS", manifests.Container.LivenessProbe.HttpGet.Scheme);
        Assert.Equal("HTTPS", manifests.Container.ReadinessProbe.HttpGet.Scheme);
        V1Volume secret = Assert.Single(manifests.Nodes.Spec.Template.Spec.Volumes, static volume => volume.Secret is not null);
        Assert.Equal(("raftkv-tls", 288), (secret.Secret.SecretName, secret.Secret.DefaultMode));
        Assert.Contains("--peer-tls-key=/tls/raftkv-0.key", manifests.Arguments);
        Assert.DoesNotContain("--insecure", manifests.Arguments);
        await AssertTakenAsync(manifests);
    }

    [Fact]
    public void All_that_may_be_set_is_seen_in_what_comes_of_it()
    {
        JsonObject values = Chart.ValuesWith(
            ("tls.enabled", true), ("tls.secret", "s"), ("tls.perNode", false), ("fullnameOverride", "kv"), ("image.tag", "9.9"),
            ("image.pullSecrets", Json("""[{"name":"pull"}]""")), ("extraArgs", Json("""["--log-format=json"]""")),
            ("extraEnv", Json("""[{"name":"RAFTKV_LOG_LEVEL","value":"debug"}]""")),
            ("persistence.storageClass", "fast"), ("persistence.size", "1Gi"),
            ("service.type", "LoadBalancer"), ("service.annotations", Json("""{"a":"b"}""")), ("metrics.annotations", false),
            ("networkPolicy.enabled", true), ("podAnnotations", Json("""{"team":"1"}""")), ("nodeSelector", Json("""{"disk":"ssd"}""")),
            ("tolerations", Json("""[{"key":"k","operator":"Exists"}]""")), ("spread", "DoNotSchedule"),
            ("affinity", Json("""{"nodeAffinity":{}}""")), ("resources", Json("""{"limits":{"memory":"2Gi"}}""")));
        Assert.Empty(Chart.Problems(values));

        Manifests manifests = new(Chart.Render(values, "mine"));

        manifests.AssertSound();
        V1PodSpec pod = manifests.Nodes.Spec.Template.Spec;
        Assert.Equal("kv", manifests.Nodes.Metadata.Name);
        Assert.Equal("raftkv:9.9", manifests.Container.Image);
        Assert.Contains("--tls-cert=/tls/tls.crt", manifests.Arguments);
        Assert.Contains("--log-format=json", manifests.Arguments);
        Assert.Contains(manifests.Container.Env, static one => one is { Name: "RAFTKV_LOG_LEVEL", Value: "debug" });
        Assert.Equal("pull", Assert.Single(pod.ImagePullSecrets).Name);
        Assert.Equal(["team"], manifests.Nodes.Spec.Template.Metadata.Annotations.Keys);
        Assert.Equal("ssd", pod.NodeSelector["disk"]);
        Assert.Equal("k", Assert.Single(pod.Tolerations).Key);
        Assert.NotNull(pod.Affinity.NodeAffinity);
        Assert.Equal("DoNotSchedule", Assert.Single(pod.TopologySpreadConstraints).WhenUnsatisfiable);
        Assert.Equal("2Gi", manifests.Container.Resources.Limits["memory"].ToString());
        Assert.Equal("fast", Assert.Single(manifests.Nodes.Spec.VolumeClaimTemplates).Spec.StorageClassName);
        Assert.Contains(manifests.Services, static one => one.Spec.Type == "LoadBalancer" && one.Metadata.Annotations["a"] == "b");
        Assert.Equal(2, Assert.Single(manifests.Policies).Spec.Ingress.Count);
    }

    [Theory]
    [InlineData(false, "", "default", 0)]
    [InlineData(false, "theirs", "theirs", 0)]
    [InlineData(true, "", "mine-raftkv", 1)]
    [InlineData(true, "backups", "backups", 1)]
    public void A_platform_knows_the_pods_as_the_account_that_is_set(bool isCreated, string name, string account, int made)
    {
        JsonObject values = Chart.ValuesWith(("serviceAccount.create", isCreated), ("serviceAccount.name", name));
        if (isCreated)
        {
            values["serviceAccount"]!["annotations"] = Json("""{"eks.amazonaws.com/role-arn":"arn:aws:iam::1:role/backups"}""");
        }

        Assert.Empty(Chart.Problems(values));
        Manifests manifests = new(Chart.Render(values, "mine"));

        manifests.AssertSound();
        Assert.Equal(account, manifests.Nodes.Spec.Template.Spec.ServiceAccountName);
        Assert.False(manifests.Nodes.Spec.Template.Spec.AutomountServiceAccountToken);
        Assert.Equal(made, manifests.Accounts.Count);
        Assert.All(manifests.Accounts, one =>
        {
            Assert.Equal(account, one.Metadata.Name);
            Assert.Equal("arn:aws:iam::1:role/backups", one.Metadata.Annotations["eks.amazonaws.com/role-arn"]);
        });
    }

    [Fact]
    public void Annotations_of_an_account_that_is_not_the_charts_are_refused_by_the_chart() => Assert.Throws<ChartRefusedException>(
        static () => Chart.Render(Chart.ValuesWith(("serviceAccount.annotations", Json("""{"a":"b"}""")))));

    [Theory]
    [InlineData("replicas", "2")]
    [InlineData("replicas", "\"3\"")]
    [InlineData("tls.clientAuth", "\"require\"")]
    [InlineData("tls.enable", "true")]
    [InlineData("spread", "\"Never\"")]
    [InlineData("extraArgs", "\"--log-format=json\"")]
    [InlineData("serviceAccount.create", "\"yes\"")]
    [InlineData("serviceAccount.annotations", "{\"a\":1}")]
    [InlineData("serviceAccount.role", "\"backups\"")]
    public void Values_that_can_not_be_are_refused_by_the_schema(string path, string value)
    {
        Assert.Empty(Chart.Problems(Chart.Values()));

        Assert.NotEmpty(Chart.Problems(Chart.ValuesWith((path, Json(value)))));
    }

    [Fact]
    public void Tls_without_certificates_is_refused_by_the_chart() => Assert.Throws<ChartRefusedException>(
        static () => Chart.Render(Chart.ValuesWith(("tls.enabled", true))));

    [Theory]
    [InlineData("{{ if .a }}x")]
    [InlineData("x{{ end }}")]
    [InlineData("{{ sneeze .a }}")]
    [InlineData("{{ $b }}")]
    [InlineData("{{ .a.b.c }}")]
    [InlineData("{{ .a }}")]
    [InlineData("{{ include \"none\" . }}")]
    [InlineData("{{ .a | }}")]
    [InlineData("{{ .a # }}")]
    public void A_template_that_is_wrong_is_refused(string template)
    {
        var engine = new GoTemplate();

        Assert.Throws<FormatException>(() => engine.Render(engine.Parse(template), Json("""{"a":{"d":1}}""")));
    }

    [Theory]
    [InlineData("a\n  {{- if .yes }}\n  b\n  {{- else }}\n  c\n  {{- end }}\nd", "a\n  b\nd")]
    [InlineData("{{ if .no }}b{{ else if .yes }}c{{ end }}", "c")]
    [InlineData("{{ range $i := until 3 }}{{ if $i }},{{ end }}{{ $i }}{{ end }}", "0,1,2")]
    [InlineData("{{ range $k, $v := .map }}{{ $k }}={{ $v | quote }};{{ end }}", "a=\"1\";b=\"x\";")]
    [InlineData("{{ $x := \"a\" }}{{ if .yes }}{{ $x = \"b\" }}{{ end }}{{ $x }}", "b")]
    [InlineData("{{ printf \"%s-%s\" .name (.none | default \"z\") | trunc 4 | trimSuffix \"-\" }}", "nam")]
    [InlineData("{{ define \"t\" }}<{{ .name }}>{{ end }}{{/* no */}}{{ include \"t\" . | nindent 2 }}", "\n  <nam>")]
    [InlineData("{{ with .none }}x{{ end }}{{ with .map }}{{ .b }}{{ $.name }}{{ end }}", "xnam")]
    public void A_template_is_rendered_as_helm_does(string template, string rendered)
    {
        var engine = new GoTemplate();
        JsonNode root = Json("""{"yes":true,"no":false,"name":"nam","map":{"b":"x","a":1}}""");

        Assert.Equal(rendered, engine.Render(engine.Parse(template), root));
    }

    [Fact]
    public void A_member_that_kubernetes_does_not_know_is_refused()
    {
        string good = Chart.Render(Chart.Values());

        Assert.ThrowsAny<Exception>(() => new Manifests(good.Replace("serviceName:", "servicesName:", StringComparison.Ordinal)));
    }

    private static JsonNode Json(string text) => JsonNode.Parse(text)!;

    private static async Task AssertTakenAsync(Manifests manifests)
    {
        (int code, string output) = await manifests.PrintConfigAsync();

        Assert.True(code == 0, output);
        Assert.Contains(manifests.Nodes.Metadata.Name + "-0", output);
    }
}
