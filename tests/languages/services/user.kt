package com.shop.users

import org.springframework.stereotype.Service

@Service
class UserService(private val db: Database) {
    suspend fun find(id: String): User {
        val user = db.query("select * from users where id = '$id'")
        if (user == null) {
            throw NotFound("user")
        }
        return user
    }

    fun rename(users: List<User>) {
        for (one in users) {
            one.touch(System.getenv("DATABASE_URL") ?: "none")
        }
        try {
            flush()
        } catch (error: FlushError) {
            log(error)
        }
    }

    @Test
    fun `finds a user`() {
        find("1")
    }
}
