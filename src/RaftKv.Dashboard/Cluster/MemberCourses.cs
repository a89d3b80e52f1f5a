using RaftKv.Dashboard.Api;

namespace RaftKv.Dashboard.Cluster;

/// <summary>A change of a member, from its place to its end.</summary>
/// <param name="Operation">By which any node tells how far it is.</param>
/// <param name="Member">As the membership had it last.</param>
/// <param name="Answer">What was told; null before the first answer.</param>
public sealed record MemberCourse(string Operation, MemberBody Member, OperationAnswer? Answer)
{
    /// <summary>It is so, or never will be.</summary>
    public bool IsOver => Answer is not null && Answer.State != OperationStates.Pending;

    /// <summary>How far it is, in the contract's word.</summary>
    public string Phase => Answer?.Progress?.Phase ?? (Member.Leaving ? MemberPhases.Leaving : MemberPhases.Waiting);

    /// <summary>What a member has of what there is, 0 to 100; null when nobody said.</summary>
    public int? Percent => Answer?.Progress?.Percent;
}

/// <summary>
/// Which changes of members go on, whoever began them: that stands in the membership, so that every page shows the same. What has
/// ended stays until it is put away. For the flow of one page only.
/// </summary>
internal sealed class MemberCourses(NodeClient client)
{
    // Of those that have ended, the newest.
    private const int MostEnded = 4;

    private readonly List<MemberCourse> _courses = [];

    /// <summary>Those that go on, and the last that ended, oldest first.</summary>
    public IReadOnlyList<MemberCourse> All => _courses;

    /// <summary>Looks how far each is. What a page asks is bounded by the members of a cluster.</summary>
    public async Task FollowAsync(ClusterPicture picture, CancellationToken cancellationToken)
    {
        foreach ((string operation, MemberBody member) in In(picture.Members))
        {
            int at = _courses.FindIndex(course => course.Operation == operation);
            if (at < 0)
            {
                _courses.Add(new MemberCourse(operation, member, null));
            }
            else
            {
                _courses[at] = _courses[at] with { Member = member };
            }
        }

        foreach (MemberCourse course in _courses.Where(static course => !course.IsOver).ToArray())
        {
            // On the page's own flow, which shows them: nothing changes while they are drawn.
            OperationAnswer? answer = await client.GetAsync(
                "/api/v1/operations/" + course.Operation, AnswerJson.Default.OperationAnswer, cancellationToken).ConfigureAwait(true);
            int at = _courses.IndexOf(course);
            if (answer is not null && at >= 0)
            {
                _courses[at] = course with { Answer = answer };
            }
        }

        int ended = _courses.Count(static course => course.IsOver);
        _courses.RemoveAll(course => course.IsOver && ended-- > MostEnded);
    }

    /// <summary>Shows one that has ended no longer.</summary>
    public void PutAway(MemberCourse course) => _courses.Remove(course);

    private static IEnumerable<(string Operation, MemberBody Member)> In(IReadOnlyList<MemberBody> members) => members
        .Where(static member => member.Role == NodeRoles.Pending || member.Joining || member.Leaving)
        .Select(static member => ($"member-{(member.Leaving ? "remove" : "add")}-{member.Id}", member));
}
