using System;

namespace Shop.Users;

public class UserService : IUserService
{
    private readonly Database _db;

    public async Task<User> Find(string id)
    {
        var user = await _db.Query($"select * from users where id = '{id}'");
        if (user is null)
        {
            throw new NotFoundException("user");
        }
        return user;
    }

    public void Rename(List<User> users)
    {
        foreach (var one in users)
        {
            one.Touch(Environment.GetEnvironmentVariable("DATABASE_URL"));
        }
        try
        {
            Flush();
        }
        catch (FlushException error)
        {
            Log(error);
        }
    }

    [Fact]
    public void FindsAUser() => Find("1");
}
