using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace RaftKv.Client.Analyzers;

/// <summary>RKV002: a token of the method is not passed on. RKV003: a write in the scope of a held lock has no fence.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CallAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.TokenNotPassed, Rules.NoFence];

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
        if (context.SemanticModel.GetSymbolInfo(call, context.CancellationToken).Symbol is IMethodSymbol method
            && ClientTypes.IsOfClient(method))
        {
            CheckToken(context, call, method);
            if (ClientTypes.IsWrite(method))
            {
                CheckFence(context, call, method);
            }
        }
    }

    private static void CheckToken(SyntaxNodeAnalysisContext context, InvocationExpressionSyntax call, IMethodSymbol method)
    {
        if (method.Parameters.LastOrDefault() is not { IsOptional: true } last || !ClientTypes.IsToken(last.Type)
            || ArgumentFor(call, method, last) is not null)
        {
            return;
        }

        // The nearest function decides: a lambda without a token has none to pass.
        ISymbol? enclosing = context.SemanticModel.GetEnclosingSymbol(call.SpanStart, context.CancellationToken);
        if (enclosing is IMethodSymbol caller
            && caller.Parameters.FirstOrDefault(parameter => ClientTypes.IsToken(parameter.Type)) is { } token)
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.TokenNotPassed, call.GetLocation(), method.Name, token.Name));
        }
    }

    private static void CheckFence(SyntaxNodeAnalysisContext context, InvocationExpressionSyntax call, IMethodSymbol method)
    {
        if (method.Parameters.FirstOrDefault(parameter => ClientTypes.IsWriteOptions(parameter.Type)) is not { } options
            || MaySayFence(ArgumentFor(call, method, options)) || HolderInScope(context, call) is not { } holder)
        {
            return;
        }

        context.ReportDiagnostic(Diagnostic.Create(Rules.NoFence, call.GetLocation(), method.Name, holder));
    }

    /// <summary>False only when it is plain that there is none.</summary>
    private static bool MaySayFence(ArgumentSyntax? argument) => argument?.Expression switch
    {
        null or LiteralExpressionSyntax => false,
        BaseObjectCreationExpressionSyntax made => made.Initializer is { } initializer && initializer.Expressions
            .OfType<AssignmentExpressionSyntax>()
            .Any(static set => set.Left is IdentifierNameSyntax { Identifier.Text: "Fence" }),
        _ => true,
    };

    /// <summary>The name of a lock or leadership that is surely held at the call: declared before it by 'using', or a parameter.</summary>
    private static string? HolderInScope(SyntaxNodeAnalysisContext context, InvocationExpressionSyntax call)
    {
        foreach (SyntaxNode outer in call.Ancestors())
        {
            if (outer is UsingStatementSyntax { Declaration: { } inStatement } && Holder(context, inStatement) is { } byStatement)
            {
                return byStatement;
            }

            if (outer is BlockSyntax block)
            {
                foreach (LocalDeclarationStatementSyntax local in block.Statements.OfType<LocalDeclarationStatementSyntax>())
                {
                    if (local.UsingKeyword.RawKind != 0 && local.Span.End <= call.SpanStart
                        && Holder(context, local.Declaration) is { } byLocal)
                    {
                        return byLocal;
                    }
                }
            }

            if (outer is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or BaseMethodDeclarationSyntax)
            {
                return ParameterHolder(context, call);
            }
        }

        return null;
    }

    private static string? ParameterHolder(SyntaxNodeAnalysisContext context, InvocationExpressionSyntax call) =>
        context.SemanticModel.GetEnclosingSymbol(call.SpanStart, context.CancellationToken) is IMethodSymbol caller
            ? caller.Parameters.FirstOrDefault(parameter => ClientTypes.IsFencing(parameter.Type))?.Name
            : null;

    private static string? Holder(SyntaxNodeAnalysisContext context, VariableDeclarationSyntax declaration) => declaration.Variables
        .FirstOrDefault(variable => context.SemanticModel.GetDeclaredSymbol(variable, context.CancellationToken) is ILocalSymbol local
            && ClientTypes.IsFencing(local.Type))?.Identifier.Text;

    private static ArgumentSyntax? ArgumentFor(InvocationExpressionSyntax call, IMethodSymbol method, IParameterSymbol parameter)
    {
        SeparatedSyntaxList<ArgumentSyntax> arguments = call.ArgumentList.Arguments;
        foreach (ArgumentSyntax argument in arguments)
        {
            if (argument.NameColon?.Name.Identifier.Text == parameter.Name)
            {
                return argument;
            }
        }

        int place = method.Parameters.IndexOf(parameter);
        return place < arguments.Count && arguments[place].NameColon is null ? arguments[place] : null;
    }
}
