<?php

namespace Shop\Users;

use Shop\Database;

class UserService
{
    public function __construct(private Database $db) {}

    public function find(string $id): ?User
    {
        $user = $this->db->query("select * from users where id = '$id'");
        if (!$user) {
            throw new NotFoundException('user');
        }
        return $user;
    }

    public function rename(array $users): void
    {
        foreach ($users as $one) {
            $one->touch(getenv('DATABASE_URL'));
        }
        try {
            $this->flush();
        } catch (FlushException $error) {
            log($error);
        }
    }

    public function testFinds(): void
    {
        $this->find('1');
    }
}
