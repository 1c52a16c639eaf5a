package com.shop.users;

import org.springframework.stereotype.Service;

@Service
public class UserService {
    private final Database db;

    public User find(String id) {
        User user = db.query("select * from users where id = '" + id + "'");
        if (user == null) {
            throw new NotFound("user");
        }
        return user;
    }

    void rename(List<User> users) {
        for (User one : users) {
            one.touch(System.getenv("DATABASE_URL"));
        }
        try {
            flush();
        } catch (IOException | FlushError error) {
            log(error);
        }
    }

    @Test
    void findsAUser() {
        find("1");
    }
}
