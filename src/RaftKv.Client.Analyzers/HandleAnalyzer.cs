using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace RaftKv.Client.Analyzers;

/// <summary>RKV001: a handle that is dropped, or kept in a variable that nobody disposes or hands on.</summary>
/// <remarks>
/// Says nothing where it can't be sure: a variable that is passed, returned, stored, captured or used by 'using' is
/// another's matter.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HandleAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.NotDisposed];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterSyntaxNodeAction(Check, SyntaxKind.InvocationExpression);
    }

    private static void Check(SyntaxNodeAnalysisContext context)
    {
        var call = (InvocationExpressionSyntax)context.Node;
        if (context.SemanticModel.GetSymbolInfo(call, context.CancellationToken).Symbol is not IMethodSymbol method
            || !ClientTypes.IsOfClient(method) || !ClientTypes.IsHeld(ClientTypes.Awaited(method.ReturnType)))
        {
            return;
        }

        SyntaxNode whole = Whole(call);
        bool isDropped = whole.Parent switch
        {
            ExpressionStatementSyntax => true,
            AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.Text: "_" } } => true,
            EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax declared } => IsNeverDisposed(context, declared),
            _ => false,
        };
        if (isDropped)
        {
            string name = ClientTypes.Awaited(method.ReturnType)!.Name;
            context.ReportDiagnostic(Diagnostic.Create(Rules.NotDisposed, call.GetLocation(), name));
        }
    }

    /// <summary>The call with what only passes its value on: await, ConfigureAwait, parentheses, a null check.</summary>
    private static SyntaxNode Whole(ExpressionSyntax call)
    {
        SyntaxNode node = call;
        while (node.Parent is AwaitExpressionSyntax or ParenthesizedExpressionSyntax
            || node.Parent is PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression }
            || (node.Parent is MemberAccessExpressionSyntax { Name.Identifier.Text: "ConfigureAwait" or "WaitAsync" or "AsTask" } access
                && access.Parent is InvocationExpressionSyntax))
        {
            node = node.Parent is MemberAccessExpressionSyntax ? node.Parent.Parent! : node.Parent!;
        }

        return node;
    }

    private static bool IsNeverDisposed(SyntaxNodeAnalysisContext context, VariableDeclaratorSyntax declared)
    {
        bool isUsing = declared.Parent?.Parent is LocalDeclarationStatementSyntax { UsingKeyword.RawKind: not 0 } or UsingStatementSyntax;
        if (isUsing || declared.Parent?.Parent is not LocalDeclarationStatementSyntax statement || statement.Parent is null
            || context.SemanticModel.GetDeclaredSymbol(declared, context.CancellationToken) is not ILocalSymbol local
            || !ClientTypes.IsHeld(local.Type))
        {
            return false;
        }

        return !statement.Parent.DescendantNodes()
            .OfType<IdentifierNameSyntax>()
            .Where(name => name.Identifier.Text == local.Name)
            .Any(name => IsSeenTo(name));
    }

    /// <summary>True when this use may be the one that gives it back, or hands it to somebody who does.</summary>
    private static bool IsSeenTo(IdentifierNameSyntax name) => name.Parent switch
    {
        MemberAccessExpressionSyntax access when access.Expression == name =>
            access.Name.Identifier.Text == "DisposeAsync" || IsCaptured(name),
        ConditionalAccessExpressionSyntax { WhenNotNull: InvocationExpressionSyntax { Expression: MemberBindingExpressionSyntax bound } } =>
            bound.Name.Identifier.Text == "DisposeAsync",
        ConditionalAccessExpressionSyntax => false,
        BinaryExpressionSyntax or IsPatternExpressionSyntax => false,
        _ => true,
    };

    /// <summary>A use in a lambda may live for longer than the method.</summary>
    private static bool IsCaptured(SyntaxNode node) => node.FirstAncestorOrSelf<AnonymousFunctionExpressionSyntax>() is not null;
}
